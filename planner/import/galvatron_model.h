// The model profiles of Hetu-Galvatron, JSON files of computation and of memory, as ours.
//
//   layertype_0_bsz8_seq2048    ms of a layer's forward, per sample, in batches of 8 samples
//   layertype_0_bsz8, layertype_0    the same of older files: of the one length; of one sample
//   layertype_0, layertype_0_sp an object: memory, in newer files below the sequence length
//     parameter_size            MiB of the layer's fp32 parameters
//     tp_activation_per_bsz_dict    MiB per sample that forward keeps, by tensor degree
// Types of layers are numbered in the order in which the model has layers with attention. Backward
// is taken for twice the forward, as Hetu-Galvatron's cost model does.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cost_models/model_profile.h"
#include "planner/files/source.h"
#include "planner/model/model.h"

namespace galvatron {

// Whether the file tells of a model, by its first key.
bool is_galvatron_model_profile(const std::string& path);

struct GalvatronModelTarget {
  Model model{};  // at the sequence length that is asked for
  Precision precision = Precision::bf16;
  std::string device{};
  std::string origin{};
};

struct ImportedModelProfile {
  ModelProfile profile{};
  std::vector<std::string> notes{};  // what the files hold and our profile does not
};

// Throws SpecError with everything that is wrong, also where no file has times of the model's
// sequence length.
ImportedModelProfile read_galvatron_model_profile(std::vector<Source> sources,
                                                  const GalvatronModelTarget& target);

}  // namespace galvatron
