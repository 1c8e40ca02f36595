// Llama's layers, and what lives in them, in elements per token of the tensor group. h hidden,
// q and k widths of all query and key heads, f MLP width, a heads, t tensor degree; held = h/t
// under sequence parallelism, else h; gathered = h under sequence parallelism, else 0.
//
//   block, kept by forward               none          selective     full
//     input (the layer before's output)  held          held          held
//     2 x 1/root mean square (fp32)      2 held/h      2 held/h
//     2 x norm output                    2 held
//     rotated q and k, v                 (q + 2 k)/t   (q + 2 k)/t
//     attention output, log-sum-exp      (q + a)/t     (q + a)/t
//     middle of the residual stream      held          held
//     gate, up                           2 f/t         2 f/t
//     gated product                      f/t
//   block, backward at its largest, beside all that
//     down product: output gradient held, gathered (the same, whole), product gradient f/t
//     gate:         output gradient held, gradients of product, gate and up 3 f/t; under none the
//                   gated product is gone, -f/t
//   full brings back none's tensors first and then needs the same.
//   block, forward at its largest: down product's sum, held + gathered; under selective also the
//   gated product, f/t.
//
//   Head and embedding are GPT-2's, with one statistic per row and without dropout.
#include <utility>

#include "executor/layers/activation.h"
#include "executor/layers/attention.h"
#include "executor/layers/embedding.h"
#include "executor/layers/families.h"
#include "executor/layers/language_head.h"
#include "executor/layers/linear.h"
#include "executor/layers/norm.h"
#include "executor/layers/rotary.h"

namespace galvatron {
namespace {

Norm norm_named(const BlockContext& context, const LlamaConfig& config, const std::string& name) {
  return rms_norm_named(context, name, config.norm_epsilon);
}

LinearWeight linear(const BlockContext& context, const std::string& name) {
  return {.weight = parameter(context, name + ".weight"), .bias = {}};
}

// Each step is a function of its own so that its tensors go as soon as it is done: without a graph
// (full recomputation's first forward) nothing else would free them.
at::Tensor attention_heads(const BlockContext& context, const LlamaConfig& config, Operand input) {
  std::vector<at::Tensor> projected = column_linear(
      tensor_axis(context), std::move(input),
      {linear(context, "q_proj"), linear(context, "k_proj"), linear(context, "v_proj")});
  const Rotary rotary{.head_size = config.head_size,
                      .sequence_length = context.sequence_length,
                      .theta = config.rope_theta,
                      .scaling = config.rope_scaling};
  projected[0] = rotate(rotary, projected[0]);
  projected[1] = rotate(rotary, projected[1]);
  return attention({.samples = context.samples, .head_size = config.head_size},
                   {.query = projected[0], .key = projected[1], .value = projected[2]});
}

at::Tensor attention_branch(const BlockContext& context, const LlamaConfig& config,
                            const at::Tensor& input) {
  NormBranch branch = norm_branch(norm_named(context, config, "input_layernorm"), input,
                                  context.strategy.recompute);
  Operand heads{attention_heads(context, config, std::move(branch.normalized)), {}};
  return row_linear(tensor_axis(context), std::move(heads), linear(context, "o_proj"))
      .add_(branch.residual);
}

Operand mlp_hidden(const BlockContext& context, Operand input) {
  const std::vector<at::Tensor> projected =
      column_linear(tensor_axis(context), std::move(input),
                    {linear(context, "gate_proj"), linear(context, "up_proj")});
  return activate_gated(Activation::silu, {projected.at(0), projected.at(1)},
                        context.strategy.recompute);
}

at::Tensor mlp_branch(const BlockContext& context, const LlamaConfig& config,
                      const at::Tensor& input) {
  NormBranch branch = norm_branch(norm_named(context, config, "post_attention_layernorm"), input,
                                  context.strategy.recompute);
  Operand hidden = mlp_hidden(context, std::move(branch.normalized));
  return row_linear(tensor_axis(context), std::move(hidden), linear(context, "down_proj"))
      .add_(branch.residual);
}

}  // namespace

BlockTable llama_blocks(const LlamaConfig& config) {
  return {
      {"llama_embedding",
       [config](const BlockContext& context, const at::Tensor& ids) {
         return vocabulary_embedding(tensor_axis(context),
                                     {vocabulary_table(context), config.vocabulary}, ids);
       }},
      {"llama_block",
       [config](const BlockContext& context, const at::Tensor& input) {
         return mlp_branch(context, config, attention_branch(context, config, input));
       }},
      {"llama_head",
       [config](const BlockContext& context, const at::Tensor& input) {
         return language_head(context, norm_named(context, config, "model.norm"), input);
       }},
  };
}

}  // namespace galvatron
