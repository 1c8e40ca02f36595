// GPT-2's layers, and what lives in them, in elements per token of the tensor group. h hidden,
// f MLP width, a heads, V vocabulary, t tensor degree; held = h/t under sequence parallelism, else
// h; gathered = h under sequence parallelism, else 0.
//
//   block, kept by forward               none       selective   full
//     input (the layer before's output)  held       held        held
//     2 x mean, 1/deviation (fp32)       4 held/h   4 held/h
//     2 x norm output                    2 held
//     q, k, v                            3 h/t      3 h/t
//     attention output, log-sum-exp      (h + a)/t  (h + a)/t
//     middle of the residual stream      held       held
//     up output                          f/t        f/t
//     activation output                  f/t
//   block, backward at its largest, beside all that
//     down product: output gradient held, its dropped copy held (with dropout), gathered
//                   (the same, whole), activation gradient f/t
//     activation:   output gradient held, gradients of output and input 2 f/t; under none the
//                   activation output is gone, -f/t
//   full brings back none's tensors first and then needs the same.
//   block, forward at its largest: down product's sum, held + gathered; under selective also the
//   activation output, f/t.
//
//   head, kept: input held, statistics 2 held/h, norm output held (none only), probabilities V/t
//   (fp32), targets 1 (int64). Forward: gathered. Backward: held + gathered, the gradient of the
//   logits being the probabilities' memory.
//
//   embedding, kept: token ids 1 (int64). Forward: held + gathered. Backward: output gradient held,
//   its dropped copy held (with dropout), gathered, and where t > 1 the rows of this rank's tokens.
#include <utility>

#include "executor/layers/activation.h"
#include "executor/layers/attention.h"
#include "executor/layers/dropout.h"
#include "executor/layers/embedding.h"
#include "executor/layers/families.h"
#include "executor/layers/language_head.h"
#include "executor/layers/linear.h"
#include "executor/layers/norm.h"

namespace galvatron {
namespace {

LinearWeight conv1d(const BlockContext& context, const std::string& name, int parts = 1) {
  return {.layout = LinearWeight::Layout::inputs_first,
          .weight = parameter(context, name + ".weight"),
          .bias = parameter(context, name + ".bias"),
          .parts = parts};
}

at::Tensor embed(const BlockContext& context, const Gpt2Config& config, const at::Tensor& ids) {
  const at::Tensor words = vocabulary_embedding(
      tensor_axis(context), {vocabulary_table(context), config.vocabulary}, ids);
  const at::Tensor hidden = add_positions(words, parameter(context, "wpe.weight"),
                                          {local_rows(context).begin, context.sequence_length});
  return dropout(dropout_site(context, "embedding", config.embedding_dropout), hidden);
}

// Each step is a function of its own so that its tensors go as soon as it is done: without a graph
// (full recomputation's first forward) nothing else would free them.
at::Tensor attention_heads(const BlockContext& context, const Gpt2Config& config, Operand input) {
  const std::vector<at::Tensor> projected =
      column_linear(tensor_axis(context), std::move(input), {conv1d(context, "attn.c_attn", 3)});
  return attention({.samples = context.samples, .head_size = config.hidden / config.heads},
                   {.query = projected.at(0), .key = projected.at(1), .value = projected.at(2)});
}

at::Tensor attention_branch(const BlockContext& context, const Gpt2Config& config,
                            const at::Tensor& input) {
  NormBranch branch = norm_branch(layer_norm_named(context, "ln_1", config.norm_epsilon), input,
                                  context.strategy.recompute);
  Operand heads{attention_heads(context, config, std::move(branch.normalized)), {}};
  const at::Tensor output =
      row_linear(tensor_axis(context), std::move(heads), conv1d(context, "attn.c_proj"));
  return dropout(dropout_site(context, "attention", config.residual_dropout), output)
      .add_(branch.residual);
}

Operand mlp_hidden(const BlockContext& context, const Gpt2Config& config, Operand input) {
  const std::vector<at::Tensor> up =
      column_linear(tensor_axis(context), std::move(input), {conv1d(context, "mlp.c_fc")});
  return activate(config.activation, up.at(0), context.strategy.recompute);
}

at::Tensor mlp_branch(const BlockContext& context, const Gpt2Config& config,
                      const at::Tensor& input) {
  NormBranch branch = norm_branch(layer_norm_named(context, "ln_2", config.norm_epsilon), input,
                                  context.strategy.recompute);
  Operand hidden = mlp_hidden(context, config, std::move(branch.normalized));
  const at::Tensor output =
      row_linear(tensor_axis(context), std::move(hidden), conv1d(context, "mlp.c_proj"));
  return dropout(dropout_site(context, "mlp", config.residual_dropout), output)
      .add_(branch.residual);
}

}  // namespace

BlockTable gpt2_blocks(const Gpt2Config& config) {
  return {
      {"gpt2_embedding", [config](const BlockContext& context,
                                  const at::Tensor& ids) { return embed(context, config, ids); }},
      {"gpt2_block",
       [config](const BlockContext& context, const at::Tensor& input) {
         return mlp_branch(context, config, attention_branch(context, config, input));
       }},
      {"gpt2_head",
       [config](const BlockContext& context, const at::Tensor& input) {
         return language_head(context, layer_norm_named(context, "ln_f", config.norm_epsilon),
                              input);
       }},
  };
}

}  // namespace galvatron
