// Giving the parameters of a stage, and what the optimizer keeps of them, their values.
#pragma once

#include <cstdint>

#include "executor/parameters/parameter_store.h"
#include "executor/parameters/weight_source.h"

namespace galvatron {

void fill_parameters(ParameterStore& store, const LayerGraph& graph, const WeightSource& source);

// The state of an optimizer that has run `updates` times.
struct MomentSource {
  WeightSource first;
  WeightSource second;
  std::int64_t updates = 0;
};

void fill_moments(ParameterStore& store, const LayerGraph& graph, const MomentSource& source);

}  // namespace galvatron
