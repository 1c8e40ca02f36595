// BERT: post-norm blocks that attend both ways, three embeddings summed and normalized, and a head
// that transforms each token before it multiplies the vocabulary table.
#pragma once

#include <vector>

#include "cost_models/layer.h"
#include "planner/model/model.h"

namespace galvatron {

// One layer per distinct type: embedding, block, head.
std::vector<Layer> bert_layer_types(const BertConfig& config, std::int64_t sequence_length);

}  // namespace galvatron
