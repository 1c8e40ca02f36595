#include "planner/model/families/t5.h"

#include <cmath>
#include <string>
#include <utility>

#include "planner/model/families/language_head.h"
#include "planner/model/families/tables.h"

namespace galvatron {
namespace {

using Kept = SavedTensor::Kept;
using Split = Product::Split;

constexpr const char* kTable = "shared.weight";
constexpr const char* kWholeTokens = "the decoder's states lie behind the encoder's in each sample";

// What all tables are written from.
struct Sizes {
  const T5Config& config;
  std::int64_t source = 0;  // tokens of the encoder's rows
  std::int64_t target = 0;  // and of the decoder's

  std::int64_t hidden() const { return config.hidden; }
  std::int64_t inner() const { return config.heads * config.head_size; }
  std::int64_t both() const { return source + target; }
};

Initialization drawn_for(std::int64_t inputs) {
  return normal(1 / std::sqrt(static_cast<double>(inputs)));
}

Parameter shared_table(const T5Config& config) {
  return vocabulary_table(kTable, {config.vocabulary, config.hidden}, 1, kTable);
}

// One of the two or three parts of a block: a norm and what it feeds.
std::vector<Parameter> attention_parameters(const Sizes& sizes, const std::string& part,
                                            const std::string& name) {
  const std::int64_t h = sizes.hidden();
  const std::int64_t inner = sizes.inner();
  const std::string prefix = part + name;
  const auto split = [&](const char* end, int dimension, const Initialization& initialization) {
    return Parameter{.name = prefix + end,
                     .shape = dimension == 0 ? std::vector{inner, h} : std::vector{h, inner},
                     .split_dimension = dimension,
                     .initialization = initialization};
  };
  return {token_local_vector(part + "layer_norm.weight", h, kOnes),
          split(".q.weight", 0, drawn_for(h * sizes.config.head_size)),
          split(".k.weight", 0, drawn_for(h)), split(".v.weight", 0, drawn_for(h)),
          split(".o.weight", 1, drawn_for(inner))};
}

// The table of a stack's relative positions, which its first block gives the name to.
Parameter position_table(const Sizes& sizes, const std::string& stack) {
  const std::string name = stack + ".block.0.layer.0.SelfAttention.relative_attention_bias.weight";
  return {.name = name,
          .shape = {sizes.config.position_buckets, sizes.config.heads},
          .initialization = drawn_for(sizes.hidden()),
          .tied_table = name,
          .everywhere = true};
}

std::vector<Parameter> mlp_parameters(const Sizes& sizes, const std::string& part) {
  const std::int64_t h = sizes.hidden();
  const std::int64_t f = sizes.config.mlp_width;
  std::vector<Parameter> parameters{token_local_vector(part + "layer_norm.weight", h, kOnes)};
  const std::vector<const char*> inputs =
      sizes.config.gated_mlp ? std::vector{"wi_0", "wi_1"} : std::vector{"wi"};
  for (const char* input : inputs) {
    parameters.push_back({.name = part + "DenseReluDense." + input + ".weight",
                          .shape = {f, h},
                          .split_dimension = 0,
                          .initialization = drawn_for(h)});
  }
  parameters.push_back({.name = part + "DenseReluDense.wo.weight",
                        .shape = {h, f},
                        .split_dimension = 1,
                        .initialization = drawn_for(f)});
  return parameters;
}

// Who attends to what, in tokens of a sample; 0: all.
struct Attended {
  enum class Keys { own, encoders } whose = Keys::own;
  std::string name = "attention";
  std::int64_t queries = 0;
  std::int64_t keys = 0;
};

std::vector<Product> attention_products(const Sizes& sizes, const Attended& attended) {
  const std::int64_t h = sizes.hidden();
  const std::int64_t inner = sizes.inner();
  const bool one_input = attended.whose == Attended::Keys::own;
  return {{Split::column, "q", h, inner, false, attended.queries},
          {Split::column, "k", h, inner, one_input, attended.keys},
          {Split::column, "v", h, inner, true, attended.keys},
          {Split::row, "o", inner, h, false, attended.queries}};
}

std::vector<Product> mlp_products(const Sizes& sizes, std::int64_t tokens) {
  const std::int64_t h = sizes.hidden();
  const std::int64_t f = sizes.config.mlp_width;
  if (!sizes.config.gated_mlp) {
    return {{Split::column, "wi", h, f, false, tokens}, {Split::row, "wo", f, h, false, tokens}};
  }
  return {{Split::column, "wi_0", h, f, false, tokens},
          {Split::column, "wi_1", h, f, true, tokens},
          {Split::row, "wo", f, h, false, tokens}};
}

// Scores of both kinds are stored: dropout falls on them.
Attention attention_of(const Sizes& sizes, const Attended& attended) {
  return {.heads = sizes.config.heads,
          .key_value_heads = sizes.config.heads,
          .head_size = sizes.config.head_size,
          .causal = false,
          .queries = attended.queries,
          .keys = attended.keys,
          .biased = true};
}

// Of the norm before it, too, and what it adds up to.
std::vector<SavedTensor> attention_saved(const Sizes& sizes, const Attended& attended) {
  const std::int64_t h = sizes.hidden();
  const std::int64_t inner = sizes.inner();
  const auto asking = [&](const char* what, LayerTensor tensor) {
    tensor.name = attended.name + what;
    return of_tokens(attended.queries, std::move(tensor));
  };
  const auto asked = [&](const char* what, LayerTensor tensor) {
    tensor.name = attended.name + what;
    return of_tokens(attended.keys, std::move(tensor));
  };
  return {
      {asking(" rstd", stored_as(Element::fp32, sequence_tensor("", 1))), Kept::under_selective},
      {asking(" norm output", sequence_tensor("", h)), Kept::under_none},
      {asking(" q", tensor_tensor("", inner)), Kept::under_selective},
      {asked(" k, v", tensor_tensor("", 2 * inner)), Kept::under_selective},
      {asking(" output", tensor_tensor("", inner)), Kept::under_selective},
      {asking(" sum", sequence_tensor("", h)), Kept::under_selective}};
}

// Backward of an attention, the block's MLP behind it: gradients of its output, queries, keys and
// values, the gradient of one sample's scores and, where they are not kept, these.
Moment attention_moment(const Sizes& sizes, const Attended& attended) {
  const std::int64_t h = sizes.hidden();
  const std::int64_t inner = sizes.inner();
  const std::int64_t f = sizes.config.mlp_width;
  const std::int64_t keys = attended.keys > 0 ? attended.keys : sizes.source;
  const std::int64_t scores = sizes.config.heads * keys;
  Moment moment{
      .name = attended.name,
      .live = {sequence_tensor("residual gradient", h),
               tensor_tensor("output and query gradients", 2 * inner),
               one_sample(tensor_tensor("scores and their gradient", 2 * scores)),
               one_sample(tensor_tensor("attention scores", -scores)),
               tensor_tensor(attended.name + " output", -inner),
               sequence_tensor(attended.name + " sum", -h), sequence_tensor("mlp norm output", -h),
               tensor_tensor("wi output", sizes.config.gated_mlp ? -2 * f : -f),
               tensor_tensor("activation output", -f)}};
  for (LayerTensor& tensor : moment.live) tensor.tokens_per_sample = attended.queries;
  moment.live.push_back(
      of_tokens(attended.keys, tensor_tensor("key and value gradients", 2 * inner)));
  return moment;
}

SavedTensor mask_saved(const Sizes& sizes) {
  return {of_tokens(sizes.source, stored_as(Element::fp32, whole_tensor("attention mask", 1))),
          Kept::under_selective};
}

std::vector<SavedTensor> mlp_saved(const Sizes& sizes, std::int64_t tokens) {
  const std::int64_t h = sizes.hidden();
  const std::int64_t f = sizes.config.mlp_width;
  const std::int64_t inputs = sizes.config.gated_mlp ? 2 : 1;
  return {{of_tokens(tokens, stored_as(Element::fp32, sequence_tensor("mlp rstd", 1))),
           Kept::under_selective},
          {of_tokens(tokens, sequence_tensor("mlp norm output", h)), Kept::under_none},
          {of_tokens(tokens, tensor_tensor("wi output", inputs * f)), Kept::under_selective},
          {of_tokens(tokens, tensor_tensor("activation output", f)), Kept::under_none}};
}

// A norm, an addition and, in each attention or MLP, what lies between its products.
std::vector<Stream> part_streams(const Sizes& sizes, int attentions, double share) {
  const double width = share * static_cast<double>(sizes.hidden());
  const double mlp = share * static_cast<double>(sizes.config.mlp_width);
  const double parts = attentions + 1;
  const double inputs = sizes.config.gated_mlp ? 2 : 1;
  return {{"norms", parts * kNormForward * width, parts * kNormBackward * width, Spread::sequence,
           true, StreamWork::norm},
          {"dropout, add", parts * 3 * width, parts * width, Spread::sequence, false,
           StreamWork::residual},
          {"activation", (1 + inputs) * mlp, (1 + 2 * inputs) * mlp, Spread::tensor, true,
           sizes.config.gated_mlp ? StreamWork::gated : StreamWork::activation}};
}

Layer embedding(const Sizes& sizes) {
  const std::int64_t h = sizes.hidden();
  const double width = static_cast<double>(h);
  Layer layer{.type = "t5_embedding",
              .kind = LayerKind::embedding,
              .tokens_per_sample = sizes.source,
              .hidden = h,
              .vocabulary = sizes.config.vocabulary};
  layer.parameters = {shared_table(sizes.config)};
  layer.saved = {{stored_as(Element::int64, whole_tensor("token ids", 1)), Kept::always}};
  layer.streams = {{"lookup", 3.5 * width, 7 * width, Spread::sequence}};
  layer.forward_moments = {{"lookup", {sequence_tensor("output", h), gathered_tensor("words", h)}}};
  std::vector<LayerTensor> table = {sequence_tensor("received", h), gathered_tensor("gradient", h)};
  if (sizes.config.dropout > 0) table.push_back(sequence_tensor("dropped gradient", h));
  layer.backward_moments = {{"table", table}};
  layer.forward_launches = 3;
  layer.backward_launches = 3;
  return layer;
}

Layer encoder_block(const Sizes& sizes) {
  const std::int64_t h = sizes.hidden();
  const std::int64_t f = sizes.config.mlp_width;
  const std::int64_t inputs = sizes.config.gated_mlp ? 2 : 1;
  Layer layer{.type = "t5_encoder_block", .tokens_per_sample = sizes.source, .hidden = h};
  const std::string prefix = "encoder.block.{}.layer.";
  layer.parameters = attention_parameters(sizes, prefix + "0.", "SelfAttention");
  append(layer.parameters, mlp_parameters(sizes, prefix + "1."));
  layer.parameters.push_back(position_table(sizes, "encoder"));
  const Attended self;
  layer.products = attention_products(sizes, self);
  append(layer.products, mlp_products(sizes, 0));
  layer.attentions = {attention_of(sizes, self)};
  layer.saved = {{sequence_tensor("input", h), Kept::always}, mask_saved(sizes)};
  append(layer.saved, attention_saved(sizes, self));
  append(layer.saved, mlp_saved(sizes, 0));
  layer.streams = part_streams(sizes, 1, 1);
  layer.forward_moments = {{"wo", {sequence_tensor("output", h), gathered_tensor("sum", h)}}};
  std::vector<LayerTensor> wo = {sequence_tensor("output gradient", h),
                                 gathered_tensor("whole output gradient", h),
                                 tensor_tensor("activation gradient", f)};
  if (sizes.config.dropout > 0) wo.push_back(sequence_tensor("dropped gradient", h));
  layer.backward_moments = {
      {"wo", wo},
      {"activation",
       {sequence_tensor("output gradient", h), tensor_tensor("gradients", (1 + inputs) * f),
        tensor_tensor("activation output", -f)}},
      attention_moment(sizes, self)};
  layer.backward_moments.back().live.push_back(sequence_tensor("output gradient", h));
  layer.forward_launches = 20;
  layer.backward_launches = 34;
  layer.tensor_divides = {{"num_heads", sizes.config.heads}, {"mlp_width", f}};
  return layer;
}

// The encoder's last norm, and the words that the decoder begins with.
Layer bridge(const Sizes& sizes) {
  const std::int64_t h = sizes.hidden();
  const double width = static_cast<double>(h);
  const double encoded = static_cast<double>(sizes.source) / static_cast<double>(sizes.both());
  Layer layer{.type = "t5_bridge",
              .tokens_per_sample = sizes.both(),
              .hidden = h,
              .vocabulary = sizes.config.vocabulary,
              .looked_up = sizes.target};
  layer.parameters = {token_local_vector("encoder.final_layer_norm.weight", h, kOnes),
                      shared_table(sizes.config)};
  layer.saved = {
      {of_tokens(sizes.source, sequence_tensor("input", h)), Kept::always},
      {of_tokens(sizes.source, stored_as(Element::fp32, sequence_tensor("norm rstd", 1))),
       Kept::under_selective},
      {of_tokens(sizes.target, stored_as(Element::int64, whole_tensor("decoder ids", 1))),
       Kept::under_selective}};
  layer.streams = {
      {"norm", encoded * kNormForward * width, encoded * kNormBackward * width, Spread::sequence},
      {"lookup, join", 4 * width, 6 * width, Spread::sequence}};
  layer.forward_moments = {{"join", {sequence_tensor("output", h), sequence_tensor("parts", h)}}};
  std::vector<LayerTensor> words = {sequence_tensor("received", h), sequence_tensor("parts", h)};
  if (sizes.config.dropout > 0) {
    words.push_back(of_tokens(sizes.target, sequence_tensor("dropped gradient", h)));
  }
  layer.backward_moments = {
      {"words", words},
      {"norm",
       {sequence_tensor("received", h),
        of_tokens(sizes.source, sequence_tensor("output and input gradient", 2 * h))}}};
  layer.forward_launches = 8;
  layer.backward_launches = 10;
  layer.whole_tokens_reason = kWholeTokens;
  return layer;
}

std::vector<Moment> decoder_backward(const Sizes& sizes) {
  const std::int64_t h = sizes.hidden();
  const std::int64_t f = sizes.config.mlp_width;
  const std::int64_t inputs = sizes.config.gated_mlp ? 2 : 1;
  const auto decoded = [&](const LayerTensor& tensor) { return of_tokens(sizes.target, tensor); };
  const LayerTensor received = sequence_tensor("received", h);
  std::vector<LayerTensor> wo = {received, decoded(sequence_tensor("output gradient", h)),
                                 decoded(tensor_tensor("activation gradient", f))};
  if (sizes.config.dropout > 0) wo.push_back(decoded(sequence_tensor("dropped gradient", h)));
  return {{"wo", wo},
          {"activation",
           {received, decoded(sequence_tensor("output gradient", h)),
            decoded(tensor_tensor("gradients", (1 + inputs) * f)),
            decoded(tensor_tensor("activation output", -f))}}};
}

Layer decoder_block(const Sizes& sizes) {
  const std::int64_t h = sizes.hidden();
  const std::int64_t target = sizes.target;
  const double decoded = static_cast<double>(target) / static_cast<double>(sizes.both());
  Layer layer{.type = "t5_decoder_block", .tokens_per_sample = sizes.both(), .hidden = h};
  const std::string prefix = "decoder.block.{}.layer.";
  layer.parameters = attention_parameters(sizes, prefix + "0.", "SelfAttention");
  append(layer.parameters, attention_parameters(sizes, prefix + "1.", "EncDecAttention"));
  append(layer.parameters, mlp_parameters(sizes, prefix + "2."));
  layer.parameters.push_back(position_table(sizes, "decoder"));
  const Attended self{.queries = target, .keys = target};
  const Attended cross{.whose = Attended::Keys::encoders,
                       .name = "cross attention",
                       .queries = target,
                       .keys = sizes.source};
  layer.products = attention_products(sizes, self);
  append(layer.products, attention_products(sizes, cross));
  append(layer.products, mlp_products(sizes, target));
  layer.attentions = {attention_of(sizes, self), attention_of(sizes, cross)};
  layer.attentions.front().causal = true;
  layer.saved = {{sequence_tensor("input", h), Kept::always},
                 mask_saved(sizes),
                 {of_tokens(target, sequence_tensor("states", h)), Kept::under_selective}};
  append(layer.saved, attention_saved(sizes, self));
  append(layer.saved, attention_saved(sizes, cross));
  append(layer.saved, mlp_saved(sizes, target));
  layer.streams = part_streams(sizes, 2, decoded);
  layer.streams.push_back(
      {"states", 4 * static_cast<double>(h), 4 * static_cast<double>(h), Spread::sequence});
  layer.forward_moments = {
      {"join", {sequence_tensor("output", h), of_tokens(target, sequence_tensor("sum", h))}}};
  layer.backward_moments = decoder_backward(sizes);
  layer.backward_moments.push_back(attention_moment(sizes, cross));
  layer.backward_moments.back().live.push_back(sequence_tensor("received", h));
  layer.forward_launches = 36;
  layer.backward_launches = 60;
  layer.tensor_divides = {{"num_heads", sizes.config.heads}, {"mlp_width", sizes.config.mlp_width}};
  layer.whole_tokens_reason = kWholeTokens;
  return layer;
}

// Only the decoder's states go through norm and logits.
Layer head(const Sizes& sizes) {
  const std::int64_t h = sizes.hidden();
  Layer layer = with_language_head_tables({.type = "t5_head",
                                           .kind = LayerKind::head,
                                           .tokens_per_sample = sizes.target,
                                           .hidden = h,
                                           .vocabulary = sizes.config.vocabulary},
                                          NormKind::rms_norm);
  layer.parameters = {
      token_local_vector("decoder.final_layer_norm.weight", h, kOnes),
      sizes.config.tied_embeddings
          ? shared_table(sizes.config)
          : vocabulary_table("lm_head.weight", {sizes.config.vocabulary, h}, 1, "")};
  layer.saved.front().tensor.tokens_per_sample = sizes.both();
  layer.saved.push_back({sequence_tensor("states", h), Kept::under_selective});
  layer.backward_moments.push_back(
      {"states",
       {of_tokens(sizes.both(), sequence_tensor("input gradient", h)),
        sequence_tensor("states' gradient", h), sequence_tensor("states", -h),
        stored_as(Element::fp32, tensor_tensor("probabilities", -sizes.config.vocabulary))}});
  layer.whole_tokens_reason = kWholeTokens;
  return layer;
}

}  // namespace

std::vector<Layer> t5_layer_types(const T5Config& config, std::int64_t sequence_length) {
  const Sizes sizes{.config = config,
                    .source = sequence_length,
                    .target = target_length(config, sequence_length)};
  return {embedding(sizes), encoder_block(sizes), bridge(sizes), decoder_block(sizes), head(sizes)};
}

}  // namespace galvatron
