// What the blocks of BERT and ViT are made of: attention both ways with separate query, key and
// value weights, an MLP, and products whose output joins the residual stream.
#pragma once

#include <string>
#include <string_view>

#include "executor/layers/block.h"
#include "executor/layers/linear.h"
#include "planner/model/model.h"

namespace galvatron {

// The nn.Linear whose name in the layer's table ends with `name`; without a bias where there is
// none.
LinearWeight linear_named(const BlockContext& context, const std::string& name);

// Query, key and value products and attention of this rank's heads: [rows, hidden / tensor]. Tokens
// that SampleInput::seen hides are not attended to.
at::Tensor encoder_attention(const BlockContext& context, std::int64_t head_size, Operand input);

// The MLP's first product and its activation: [rows, MLP width / tensor].
Operand encoder_mlp(const BlockContext& context, Activation activation, Operand input);

// A row product on its way back into the residual stream.
struct Projection {
  std::string weight;
  std::string_view dropout;  // the site's name
  double dropped = 0;
};

// residual + dropout(x W + b), fresh.
at::Tensor project_and_add(const BlockContext& context, const Projection& projection, Operand x,
                           const at::Tensor& residual);

}  // namespace galvatron
