// Giving the parameters of a stage their first values.
#pragma once

#include "executor/parameters/parameter_store.h"
#include "executor/parameters/weight_source.h"

namespace galvatron {

void fill_parameters(ParameterStore& store, const LayerGraph& graph, const WeightSource& source);

}  // namespace galvatron
