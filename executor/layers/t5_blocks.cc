// T5's layers, and what lives in them, in elements per token. h hidden, i inner width of the heads,
// f MLP width, g 2 where it is gated, else 1, a heads, t tensor degree; held = h/t under sequence
// parallelism, else h; gathered = h under sequence parallelism, else 0.
//
//   encoder block, kept by forward       none       selective   full
//     input (the layer before's output)  held       held        held
//     2 x 1/root mean square (fp32)      2 held/h   2 held/h
//     2 x norm output                    2 held
//     q, k, v, attention output          4 i/t      4 i/t
//     probabilities, per key             a/t
//     mask of hidden tokens              1          1
//     middle of the residual stream      held       held
//     wi output                          g f/t      g f/t
//     activation output                  f/t
//
//   decoder block: the same of the target's tokens, with a second attention whose k and v are of
//   the source's; besides the input of both's tokens, and a copy of the states in it. Backward
//   holds the gradient of both's tokens throughout.
//
//   bridge, kept: input and its statistics, of the source's tokens; the decoder's ids.
//   head: as every language model's, of the target's tokens; besides the input of both's, and a
//   copy of the states in it.
#include <cmath>
#include <utility>

#include "executor/layers/activation.h"
#include "executor/layers/decoder_states.h"
#include "executor/layers/embedding.h"
#include "executor/layers/encoder_parts.h"
#include "executor/layers/families.h"
#include "executor/layers/language_head.h"
#include "executor/layers/norm.h"
#include "executor/layers/relative_attention.h"

namespace galvatron {
namespace {

// Which part of a block: its names in the parameter table, and the tokens of each sample in it.
struct Part {
  std::string place;  // "layer.0"
  std::string attention = "SelfAttention";
  std::int64_t tokens = 0;
};

NormBranch branch_of(const BlockContext& context, const T5Config& config, const Part& part,
                     const at::Tensor& input) {
  return norm_branch(rms_norm_named(context, part.place + ".layer_norm", config.norm_epsilon),
                     input, context.strategy.recompute);
}

DropoutSite site_of(const BlockContext& context, const T5Config& config, const Part& part,
                    const char* name) {
  return dropout_site(context, part.place + name, config.dropout, part.tokens);
}

HeadRange heads_held(const BlockContext& context, const T5Config& config) {
  const std::int64_t held = config.heads / context.tensor_group.size();
  return {.first = context.tensor_group.rank() * held, .of = config.heads};
}

RelativeAttention attention_of(const BlockContext& context, const T5Config& config,
                               const Part& part) {
  return {.shape = {.samples = context.samples, .head_size = config.head_size, .causal = false},
          .heads = heads_held(context, config),
          .dropout = site_of(context, config, part, ".probabilities").stream,
          .first_sample = context.first_sample,
          .recompute = context.strategy.recompute};
}

// Each step is a function of its own so that its tensors go as soon as it is done: without a graph
// (full recomputation's first forward) nothing else would free them.
at::Tensor self_attention(const BlockContext& context, const T5Config& config, const Part& part,
                          Operand input) {
  const std::vector<at::Tensor> projected = column_linear(
      tensor_axis(context), std::move(input),
      {linear_named(context, "SelfAttention.q"), linear_named(context, "SelfAttention.k"),
       linear_named(context, "SelfAttention.v")});
  RelativeAttention what = attention_of(context, config, part);
  what.bias = {.table = parameter(context, "relative_attention_bias.weight"),
               .buckets = {.count = config.position_buckets, .distance = config.position_distance}};
  if (context.layer.attentions.front().causal) {
    what.shape.causal = true;
    what.bias.buckets.sides = PositionBuckets::Sides::before;
  } else {
    what.shape.mask = score_mask(context, projected.at(0).scalar_type());
  }
  return relative_attention(
      what, {.query = projected.at(0), .key = projected.at(1), .value = projected.at(2)});
}

at::Tensor cross_attention(const BlockContext& context, const T5Config& config, const Part& part,
                           std::pair<Operand, Operand> input) {
  auto& [states, encoded] = input;
  const TensorAxis axis = tensor_axis(context);
  const std::vector<at::Tensor> query =
      column_linear(axis, std::move(states), {linear_named(context, "EncDecAttention.q")});
  const std::vector<at::Tensor> projected = column_linear(
      axis, std::exchange(encoded, {}),
      {linear_named(context, "EncDecAttention.k"), linear_named(context, "EncDecAttention.v")});
  RelativeAttention what = attention_of(context, config, part);
  what.shape.mask = score_mask(context, query.at(0).scalar_type());
  return relative_attention(
      what, {.query = query.at(0), .key = projected.at(0), .value = projected.at(1)});
}

at::Tensor project(const BlockContext& context, const T5Config& config, const Part& part,
                   std::pair<Operand, at::Tensor> input) {
  return project_and_add(context,
                         {.weight = part.attention + ".o",
                          .dropout = part.place,
                          .dropped = config.dropout,
                          .tokens_per_sample = part.tokens},
                         std::move(input.first), input.second);
}

at::Tensor self_branch(const BlockContext& context, const T5Config& config, const Part& part,
                       const at::Tensor& input) {
  NormBranch branch = branch_of(context, config, part, input);
  Operand heads{self_attention(context, config, part, std::move(branch.normalized)), {}};
  return project(context, config, part, {std::move(heads), branch.residual});
}

at::Tensor cross_branch(const BlockContext& context, const T5Config& config, const Part& part,
                        std::pair<at::Tensor, Operand> input) {
  NormBranch branch = branch_of(context, config, part, input.first);
  Operand heads{cross_attention(context, config, part,
                                {std::move(branch.normalized), std::move(input.second)}),
                {}};
  return project(context, config, part, {std::move(heads), branch.residual});
}

Operand mlp_hidden(const BlockContext& context, const T5Config& config, Operand input) {
  const TensorAxis axis = tensor_axis(context);
  const Recompute recompute = context.strategy.recompute;
  if (!config.gated_mlp) {
    const std::vector<at::Tensor> hidden =
        column_linear(axis, std::move(input), {linear_named(context, "DenseReluDense.wi")});
    return activate(config.activation, hidden.at(0), recompute);
  }
  const std::vector<at::Tensor> hidden = column_linear(
      axis, std::move(input),
      {linear_named(context, "DenseReluDense.wi_0"), linear_named(context, "DenseReluDense.wi_1")});
  return activate_gated(config.activation, {hidden.at(0), hidden.at(1)}, recompute);
}

// Whole rows of this rank's columns, also under sequence parallelism.
DropoutSite hidden_site(const BlockContext& context, const T5Config& config, const Part& part) {
  DropoutSite site = site_of(context, config, part, ".hidden");
  const std::int64_t held = config.mlp_width / context.tensor_group.size();
  site.first_row = context.first_sample * part.tokens;
  site.first_column = context.tensor_group.rank() * held;
  site.columns = config.mlp_width;
  return site;
}

at::Tensor mlp_branch(const BlockContext& context, const T5Config& config, const Part& part,
                      const at::Tensor& input) {
  NormBranch branch = branch_of(context, config, part, input);
  Operand hidden = dropout(hidden_site(context, config, part),
                           mlp_hidden(context, config, std::move(branch.normalized)));
  return project_and_add(context,
                         {.weight = "DenseReluDense.wo",
                          .dropout = part.place,
                          .dropped = config.dropout,
                          .tokens_per_sample = part.tokens},
                         std::move(hidden), branch.residual);
}

at::Tensor words(const BlockContext& context, const T5Config& config, const Part& part,
                 const at::Tensor& ids) {
  return dropout(site_of(context, config, part, "words"),
                 vocabulary_embedding(tensor_axis(context),
                                      {vocabulary_table(context), config.vocabulary}, ids));
}

at::Tensor encoder_block(const BlockContext& context, const T5Config& config,
                         const at::Tensor& input) {
  const std::int64_t tokens = context.sequence_length;
  return mlp_branch(context, config, {.place = "layer.1", .tokens = tokens},
                    self_branch(context, config, {.place = "layer.0", .tokens = tokens}, input));
}

at::Tensor bridge(const BlockContext& context, const T5Config& config, const at::Tensor& input) {
  const std::int64_t target = context.layer.looked_up;
  const StateSizes sizes{
      .samples = context.samples, .source = context.sequence_length - target, .target = target};
  const Norm norm = rms_norm_named(context, "encoder.final_layer_norm", config.norm_epsilon);
  const at::Tensor encoded =
      dropout(site_of(context, config, {.place = "", .tokens = sizes.source}, "encoded"),
              norm_branch(norm, input, context.strategy.recompute).normalized.value);
  return join_parts(sizes, {.encoded = encoded,
                            .states = words(context, config, {.place = "", .tokens = target},
                                            context.inputs(SampleInput::decoder_tokens))});
}

at::Tensor decoder_block(const BlockContext& context, const T5Config& config,
                         const at::Tensor& input) {
  const std::int64_t target = context.layer.attentions.front().queries;
  const StateSizes sizes{
      .samples = context.samples, .source = context.sequence_length - target, .target = target};
  SplitStates split = split_states(sizes, input);
  at::Tensor states = self_branch(context, config, {.place = "layer.0", .tokens = target},
                                  std::exchange(split.states, {}));
  states = cross_branch(context, config,
                        {.place = "layer.1", .attention = "EncDecAttention", .tokens = target},
                        {std::move(states), std::exchange(split.encoded, {})});
  states = mlp_branch(context, config, {.place = "layer.2", .tokens = target}, states);
  return replace_states(sizes, split.through, states);
}

// d_model^-0.5 before a table that the embeddings use as well.
Operand scaled(Operand hidden, double factor) {
  hidden.value = hidden.value.mul(factor);
  if (!hidden.again) return hidden;
  hidden.again = [factor, again = std::move(hidden.again)] { return again().mul_(factor); };
  return hidden;
}

at::Tensor loss(const BlockContext& context, const T5Config& config, const at::Tensor& input) {
  const std::int64_t target = context.sequence_length;
  const StateSizes sizes{.samples = context.samples,
                         .source = input.size(0) / context.samples - target,
                         .target = target};
  const Norm norm = rms_norm_named(context, "decoder.final_layer_norm", config.norm_epsilon);
  Operand hidden =
      dropout(site_of(context, config, {.place = "", .tokens = target}, "decoded"),
              norm_branch(norm, only_states(sizes, input), context.strategy.recompute).normalized);
  if (!config.tied_embeddings) return token_loss(context, std::move(hidden));
  return token_loss(context,
                    scaled(std::move(hidden), 1 / std::sqrt(static_cast<double>(config.hidden))));
}

}  // namespace

BlockTable t5_blocks(const T5Config& config) {
  const auto with = [&config](auto compute) -> Block {
    return [config, compute](const BlockContext& context, const at::Tensor& input) {
      return compute(context, config, input);
    };
  };
  return {{"t5_embedding",
           with([](const BlockContext& context, const T5Config& of, const at::Tensor& ids) {
             return words(context, of, {.place = "", .tokens = context.sequence_length}, ids);
           })},
          {"t5_encoder_block", with(encoder_block)},
          {"t5_bridge", with(bridge)},
          {"t5_decoder_block", with(decoder_block)},
          {"t5_head", with(loss)}};
}

}  // namespace galvatron
