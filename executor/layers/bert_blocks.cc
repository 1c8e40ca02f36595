// BERT's layers, and what lives in them, in elements per token of the tensor group. h hidden,
// f MLP width, a heads, V vocabulary, t tensor degree; held = h/t under sequence parallelism, else
// h; gathered = h under sequence parallelism, else 0.
//
//   block, kept by forward               none       selective   full
//     input (the layer before's output)  held       held        held
//     q, k, v                            3 h/t      3 h/t
//     attention output, log-sum-exp      (h + a)/t  (h + a)/t
//     mask of hidden tokens (fp32)       1          1
//     2 x norm input                     2 held     2 held
//     2 x mean, 1/deviation (fp32)       4 held/h   4 held/h
//     first norm's output                held
//     up output                          f/t        f/t
//     activation output                  f/t
//   The second norm's output is the next layer's input.
//   block, backward at its largest, beside all that and the output's gradient, held
//     second norm:  gradient of its input, held
//     down product: the second norm's input is gone, -held; the gradient for the residual held, its
//                   dropped copy held (with dropout), gathered (the same, whole), activation
//                   gradient f/t
//     activation:   residual gradient held - held, gradients of output and input 2 f/t; under none
//                   the activation output is gone, -f/t
//   full brings back none's tensors first and then needs the same.
//   block, forward at its largest: down product's sum, gathered, or the output, held.
//
//   head, kept: input held, output of the transform and of its activation 2 held, statistics
//   2 held/h, norm output held (none only), probabilities V/t (fp32), targets 1 (int64); for the
//   next sentence the class tokens, 2 h per sample. Backward as every language model's.
//
//   embedding, kept: token ids 1 and types held/h (int64), the sum of the three tables held,
//   statistics 2 held/h. Backward beside the output's gradient, held: its dropped copy (with
//   dropout) and the gradient of the norm's input, 2 held; then without the sum the latter,
//   gathered.
#include <ATen/ops/tanh.h>
#include <ATen/ops/zeros.h>

#include <utility>

#include "executor/layers/activation.h"
#include "executor/layers/class_tokens.h"
#include "executor/layers/cross_entropy.h"
#include "executor/layers/dropout.h"
#include "executor/layers/embedding.h"
#include "executor/layers/encoder_parts.h"
#include "executor/layers/families.h"
#include "executor/layers/fork.h"
#include "executor/layers/language_head.h"
#include "executor/layers/norm.h"

namespace galvatron {
namespace {

// What goes on is the norm's output alone: a post-norm block's residual starts behind it.
Operand normalized(const BlockContext& context, const BertConfig& config, const std::string& name,
                   const at::Tensor& input) {
  return norm_branch(layer_norm_named(context, name, config.norm_epsilon), input,
                     context.strategy.recompute)
      .normalized;
}

at::Tensor add_types(const BlockContext& context, const at::Tensor& hidden) {
  const at::Tensor& table = parameter(context, "token_type_embeddings.weight");
  const TokenRange held = local_rows(context);
  const at::Tensor types = context.inputs(SampleInput::token_types);
  if (!types.defined()) {
    return add_token_types(hidden, table, at::zeros({length(held)}, at::kLong));
  }
  return add_token_types(hidden, table, types.narrow(0, held.begin, length(held)).clone());
}

at::Tensor embed(const BlockContext& context, const BertConfig& config, const at::Tensor& ids) {
  const VocabularyTable table{.shard = parameter(context, "word_embeddings.weight"),
                              .vocabulary = config.vocabulary,
                              .padding_token = config.padding_token};
  const at::Tensor words = vocabulary_embedding(tensor_axis(context), table, ids);
  const at::Tensor placed = add_positions(words, parameter(context, "position_embeddings.weight"),
                                          {local_rows(context).begin, context.sequence_length});
  const at::Tensor sum = add_types(context, placed);
  return dropout(dropout_site(context, "embedding", config.hidden_dropout),
                 normalized(context, config, "embeddings.LayerNorm", sum).value);
}

// Each step is a function of its own so that its tensors go as soon as it is done: without a graph
// (full recomputation's first forward) nothing else would free them.
at::Tensor attention_sum(const BlockContext& context, const BertConfig& config,
                         const at::Tensor& input) {
  const Fork uses = fork(input);
  Operand heads{
      encoder_attention(context, config.hidden / config.heads, {.value = uses.branch, .again = {}}),
      {}};
  return project_and_add(context, {"attention.output.dense", "attention", config.hidden_dropout},
                         std::move(heads), uses.residual);
}

at::Tensor mlp_sum(const BlockContext& context, const BertConfig& config, Operand input) {
  const Fork uses = fork(std::exchange(input.value, {}));
  input.value = uses.branch;
  return project_and_add(context, {"{}.output.dense", "mlp", config.hidden_dropout},
                         encoder_mlp(context, config.activation, std::move(input)), uses.residual);
}

at::Tensor block(const BlockContext& context, const BertConfig& config, const at::Tensor& input) {
  Operand middle = normalized(context, config, "attention.output.LayerNorm",
                              attention_sum(context, config, input));
  return normalized(context, config, "{}.output.LayerNorm",
                    mlp_sum(context, config, std::move(middle)))
      .value;
}

// The masked language model's loss.
at::Tensor token_loss(const BlockContext& context, const BertConfig& config,
                      const at::Tensor& input) {
  const at::Tensor transformed =
      activate(config.activation,
               replicated_linear(input, linear_named(context, "transform.dense")), Recompute::none)
          .value;
  Operand hidden = normalized(context, config, "transform.LayerNorm", transformed);
  const std::vector<at::Tensor> logits = column_linear(
      tensor_axis(context), std::move(hidden),
      {{.weight = vocabulary_table(context), .bias = parameter(context, "predictions.bias")}});
  return vocabulary_cross_entropy(tensor_axis(context), logits.at(0),
                                  {.tokens = context.inputs(SampleInput::targets),
                                   .normalizer = context.normalizer,
                                   .vocabulary = config.vocabulary});
}

// And that of the next sentence: whether the class token says that it follows.
at::Tensor pretraining_loss(const BlockContext& context, const BertConfig& config,
                            const at::Tensor& input) {
  const ClassTokens tokens = class_tokens(context, input);
  const at::Tensor loss = token_loss(context, config, tokens.residual);
  const at::Tensor pooled =
      at::tanh(replicated_linear(tokens.rows, linear_named(context, "pooler.dense")));
  const at::Tensor logits = replicated_linear(pooled, linear_named(context, "seq_relationship"));
  return loss.add(class_loss(context, tokens, logits,
                             {.classes = context.inputs(SampleInput::next_sentence),
                              .normalizer = context.next_sentence_normalizer}));
}

}  // namespace

BlockTable bert_blocks(const BertConfig& config) {
  return {
      {"bert_embedding", [config](const BlockContext& context,
                                  const at::Tensor& ids) { return embed(context, config, ids); }},
      {"bert_block", [config](const BlockContext& context,
                              const at::Tensor& input) { return block(context, config, input); }},
      {"bert_head",
       [config](const BlockContext& context, const at::Tensor& input) {
         return config.head == BertHead::pretraining ? pretraining_loss(context, config, input)
                                                     : token_loss(context, config, input);
       }},
  };
}

}  // namespace galvatron
