// GPT-2: pre-norm blocks with learned positions, LayerNorm and biases everywhere.
#pragma once

#include <vector>

#include "cost_models/layer.h"
#include "planner/model/model.h"

namespace galvatron {

// One layer per distinct type: embedding, block, head.
std::vector<Layer> gpt2_layer_types(const Gpt2Config& config, std::int64_t sequence_length);

}  // namespace galvatron
