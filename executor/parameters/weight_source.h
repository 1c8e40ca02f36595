// Where weights come from: drawn from Hugging Face's distributions, or read from files.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "cost_models/layer.h"
#include "executor/weights/weight_files.h"
#include "planner/model/layer_graph.h"

namespace galvatron {

// Fills `values` with these elements of the parameter called `name`, one after another; what
// remains is padding and becomes zero.
using WeightSource =
    std::function<void(const Parameter& parameter, const std::string& name,
                       std::span<const ElementRange> elements, std::span<float> values)>;

// A function of the seed, the name and the element's number in the whole parameter, so that the
// model is the same however it is sharded.
WeightSource random_weights(std::uint64_t seed);

// `files` must outlive the source.
//
// Throws SpecError, before anything is read, if a parameter of the model is missing or has another
// shape. Files may name it as stored_names.h says.
WeightSource stored_weights(const WeightFiles& files, const LayerGraph& graph);

}  // namespace galvatron
