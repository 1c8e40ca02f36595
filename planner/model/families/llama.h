// Llama: pre-norm blocks with RMS norm, rotary positions, grouped key-value heads and SwiGLU.
#pragma once

#include <vector>

#include "cost_models/layer.h"
#include "planner/model/model.h"

namespace galvatron {

// One layer per distinct type: embedding, block, head.
std::vector<Layer> llama_layer_types(const LlamaConfig& config, std::int64_t sequence_length);

}  // namespace galvatron
