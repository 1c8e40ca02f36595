// Whether two layer types compute the same, whatever model they belong to.
#pragma once

#include <string>

#include "cost_models/layer.h"

namespace galvatron {

// A fingerprint of everything that a layer's cost depends on: all of its tables, and its tokens per
// sample, but not how weights are drawn, which may depend on the model's depth.
std::string layer_identity(const Layer& layer);

}  // namespace galvatron
