// Swin: an image's patches as a grid of tokens, depths of pre-norm blocks that attend within
// windows, a merging of neighbouring tokens between two depths, and a classifier of the mean token.
#pragma once

#include <vector>

#include "cost_models/layer.h"
#include "planner/model/model.h"

namespace galvatron {

// In the order of their first use: the embedding, the block of each depth with the merging behind
// it, which the last one has not, and the head.
std::vector<Layer> swin_layer_types(const SwinConfig& config);

}  // namespace galvatron
