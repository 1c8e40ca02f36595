// Writing the trained weights as Hugging Face stores them.
#pragma once

#include <string>

#include "executor/communication/communicator.h"
#include "executor/parameters/parameter_store.h"

namespace galvatron {

// Rank 0 writes FOLDER/model.safetensors in fp32, piece by piece as the owners send them, and for a
// model that transformers has FOLDER/config.json; the folder is made if it is missing. Collective
// over `world`.
struct WeightExport {
  const Plan& plan;
  const LayerGraph& graph;
  std::string folder;
};
void export_weights(const WeightExport& what, const ParameterStore& store, Communicator& world);

}  // namespace galvatron
