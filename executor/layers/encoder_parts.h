// What the blocks of BERT and ViT are made of: attention both ways with separate query, key and
// value weights, an MLP, and products whose output joins the residual stream.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "executor/layers/block.h"
#include "executor/layers/linear.h"
#include "planner/model/model.h"

namespace galvatron {

// The nn.Linear whose name in the layer's table ends with `name`; without a bias where there is
// none.
LinearWeight linear_named(const BlockContext& context, const std::string& name);

// Added to the scores of a sample's keys, [samples, 1, 1, sequence]: 0, or the lowest number where
// SampleInput::seen hides a token. Undefined where there is no such input.
at::Tensor score_mask(const BlockContext& context, at::ScalarType type);

// The products of query, key and value, which share their input: each [rows, hidden / tensor].
std::vector<at::Tensor> query_key_value(const BlockContext& context, Operand input);

// These and attention of this rank's heads: [rows, hidden / tensor]. Tokens
// that SampleInput::seen hides are not attended to.
at::Tensor encoder_attention(const BlockContext& context, std::int64_t head_size, Operand input);

// The MLP's first product and its activation: [rows, MLP width / tensor].
Operand encoder_mlp(const BlockContext& context, Activation activation, Operand input);

// A row product on its way back into the residual stream.
struct Projection {
  std::string weight;
  std::string_view dropout;  // the site's name
  double dropped = 0;
  double path_dropped = 0;             // of samples, which then skip the branch
  std::int64_t tokens_per_sample = 0;  // that x has rows for; 0: the layer's
};

// residual + drop_path(dropout(x W + b)), fresh.
at::Tensor project_and_add(const BlockContext& context, const Projection& projection, Operand x,
                           const at::Tensor& residual);

// input + dropout(MLP(norm(input))), as ViT and Swin have it.
struct PreNormMlp {
  Activation activation = Activation::gelu_erf;
  double norm_epsilon = 0;
  double dropped = 0;
};
at::Tensor pre_norm_mlp(const BlockContext& context, const PreNormMlp& mlp,
                        const at::Tensor& input);

}  // namespace galvatron
