// Attention both ways, with separate query, key and value weights: what BERT and ViT share.
#pragma once

#include "executor/layers/block.h"
#include "executor/layers/linear.h"

namespace galvatron {

// The nn.Linear whose name in the layer's table ends with `name`; without a bias where there is
// none.
LinearWeight linear_named(const BlockContext& context, const std::string& name);

// Query, key and value products and attention of this rank's heads: [rows, hidden / tensor]. Tokens
// that SampleInput::seen hides are not attended to.
at::Tensor encoder_attention(const BlockContext& context, std::int64_t head_size, Operand input);

}  // namespace galvatron
