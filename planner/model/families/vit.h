// ViT: an image's patches as tokens after a class token, pre-norm blocks that attend both ways, and
// a classifier of the class token.
#pragma once

#include <vector>

#include "cost_models/layer.h"
#include "planner/model/model.h"

namespace galvatron {

// One layer per distinct type: embedding, block, head.
std::vector<Layer> vit_layer_types(const VitConfig& config);

}  // namespace galvatron
