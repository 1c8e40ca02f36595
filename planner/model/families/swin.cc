#include "planner/model/families/swin.h"

#include <fmt/format.h>

#include <string>

#include "planner/model/families/encoder_block.h"
#include "planner/model/families/tables.h"
#include "planner/model/swin_sizes.h"

namespace galvatron {
namespace {

using Kept = SavedTensor::Kept;
using Split = Product::Split;

constexpr std::int64_t kMerged = 4;  // tokens that become one

EncoderSizes sizes_of(const SwinConfig& config, const SwinDepth& depth) {
  return {.hidden = depth.hidden,
          .mlp_width = depth.mlp_width,
          .heads = depth.heads,
          .initializer_range = config.initializer_range,
          .query_key_value_biases = config.query_key_value_biases};
}

Layer embedding(const SwinConfig& config) {
  const SwinDepth depth = swin_depth(config, 0);
  const std::int64_t h = depth.hidden;
  const auto width = static_cast<double>(h);
  const std::int64_t pixels = config.channels * config.image_height * config.image_width;
  const Product patches{Split::replicated, "patches",
                        config.channels * config.patch_height * config.patch_width, h};
  Layer layer{.type = "swin_embedding",
              .kind = LayerKind::embedding,
              .tokens_per_sample = token_count(depth),
              .hidden = h};
  layer.parameters = linear_parameters("swin.embeddings.patch_embeddings.projection", patches,
                                       config.initializer_range);
  layer.parameters[0].shape = {h, config.channels, config.patch_height, config.patch_width};
  append(layer.parameters, layer_norm_parameters("swin.embeddings.norm", h));
  layer.products = {patches};
  layer.saved = {
      {stored_as(Element::fp32, of_tokens(1, whole_tensor("pixels", pixels))), Kept::always},
      {sequence_tensor("norm input", h), Kept::under_selective},
      {stored_as(Element::fp32, sequence_tensor("mean, rstd", 2)), Kept::under_selective}};
  layer.streams = {{"norm", kNormForward * width, kNormBackward * width, Spread::sequence}};
  const LayerTensor unfolded =
      one_sample(stored_as(Element::fp32, whole_tensor("unfolded", patches.inputs)));
  layer.forward_moments = {{"patches", {unfolded}}, {"norm", {sequence_tensor("output", h)}}};
  std::vector<LayerTensor> norm = {sequence_tensor("received", h),
                                   sequence_tensor("input gradient", h)};
  if (config.hidden_dropout > 0) norm.push_back(sequence_tensor("dropped gradient", h));
  layer.backward_moments = {{"norm", norm},
                            {"patches", {sequence_tensor("input gradient", h), unfolded}}};
  layer.forward_launches = 6;
  layer.backward_launches = 8;
  return layer;
}

std::vector<Parameter> block_parameters(const SwinConfig& config, std::size_t number) {
  const SwinDepth depth = swin_depth(config, number);
  const std::int64_t distances = 2 * config.window - 1;
  const std::string prefix = fmt::format("swin.encoder.layers.{}.blocks.{{}}.", number);
  std::vector<Parameter> parameters =
      layer_norm_parameters(prefix + "layernorm_before", depth.hidden);
  append(parameters, layer_norm_parameters(prefix + "layernorm_after", depth.hidden));
  parameters.push_back({.name = prefix + "attention.self.relative_position_bias_table",
                        .shape = {distances * distances, depth.heads},
                        .split_dimension = 1,
                        .initialization = kZeros});
  append(parameters, encoder_parameters({prefix, "attention.self"}, sizes_of(config, depth)));
  return parameters;
}

// Queries, keys and values lie in window order, padding included.
std::vector<SavedTensor> block_saved(const SwinDepth& depth, std::int64_t window_tokens) {
  const std::int64_t h = depth.hidden;
  const std::int64_t f = depth.mlp_width;
  return {
      {sequence_tensor("input", h), Kept::always},
      {stored_as(Element::fp32, sequence_tensor("norm 1 mean, rstd", 2)), Kept::under_selective},
      {sequence_tensor("norm 1 output", h), Kept::under_none},
      {of_tokens(window_tokens, tensor_tensor("q, k, v", 3 * h)), Kept::under_selective},
      {tensor_tensor("attention output", h), Kept::under_selective},
      {sequence_tensor("middle", h), Kept::under_selective},
      {stored_as(Element::fp32, sequence_tensor("norm 2 mean, rstd", 2)), Kept::under_selective},
      {sequence_tensor("norm 2 output", h), Kept::under_none},
      {tensor_tensor("up output", f), Kept::under_selective},
      {tensor_tensor("activation output", f), Kept::under_none},
  };
}

// At the last of them the MLP is through.
std::vector<Moment> block_backward(const SwinConfig& config, const SwinDepth& depth,
                                   const Attention& attention) {
  const std::int64_t h = depth.hidden;
  const std::int64_t f = depth.mlp_width;
  const std::int64_t window_tokens = attention.windows * attention.queries;
  std::vector<LayerTensor> down = {sequence_tensor("output gradient", h),
                                   gathered_tensor("whole output gradient", h),
                                   tensor_tensor("activation gradient", f)};
  if (config.hidden_dropout > 0) down.push_back(sequence_tensor("dropped gradient", h));
  return {{"down", down},
          {"activation",
           {sequence_tensor("output gradient", h), tensor_tensor("gradients", 2 * f),
            tensor_tensor("activation output", -f)}},
          {"attention",
           {sequence_tensor("residual gradient", h),
            of_tokens(window_tokens, tensor_tensor("gradients of output, q, k, v", 5 * h)),
            of_tokens(window_tokens, tensor_tensor("score gradient", depth.heads * attention.keys)),
            sequence_tensor("middle", -h), sequence_tensor("norm 2 output", -h),
            tensor_tensor("up output", -f), tensor_tensor("activation output", -f)}}};
}

Layer block(const SwinConfig& config, std::size_t number) {
  const SwinDepth depth = swin_depth(config, number);
  const std::int64_t h = depth.hidden;
  const std::int64_t area = config.window * config.window;
  const std::int64_t windows = window_count(config, depth);
  Layer layer = with_encoder_block_tables({.type = fmt::format("swin_block_{}", number),
                                           .tokens_per_sample = token_count(depth),
                                           .hidden = h},
                                          sizes_of(config, depth));
  Attention& attention = layer.attentions.at(0);
  attention.queries = area;
  attention.keys = area;
  attention.windows = windows;
  attention.biased = true;
  layer.parameters = block_parameters(config, number);
  layer.saved = block_saved(depth, windows * area);
  layer.streams.push_back(
      {"windows", 8 * static_cast<double>(h), 8 * static_cast<double>(h), Spread::tensor});
  layer.forward_moments = {{"down", {sequence_tensor("output", h), gathered_tensor("sum", h)}}};
  layer.backward_moments = block_backward(config, depth, attention);
  layer.forward_launches += 20;
  layer.backward_launches += 24;
  return layer;
}

Layer merging(const SwinConfig& config, std::size_t number) {
  const SwinDepth from = swin_depth(config, number);
  const SwinDepth to = swin_depth(config, number + 1);
  const std::int64_t joined = kMerged * from.hidden;
  const auto width = static_cast<double>(joined);
  const Product reduction{Split::replicated, "reduction", joined, to.hidden};
  const std::string prefix = fmt::format("swin.encoder.layers.{}.downsample.", number);
  Layer layer{.type = fmt::format("swin_merging_{}", number),
              .tokens_per_sample = token_count(to),
              .hidden = to.hidden};
  layer.parameters = layer_norm_parameters(prefix + "norm", joined);
  append(layer.parameters,
         linear_parameters(prefix + "reduction", reduction, config.initializer_range));
  layer.parameters.pop_back();  // no bias
  layer.products = {reduction};
  layer.saved = {
      {of_tokens(token_count(from), sequence_tensor("input", from.hidden)), Kept::always},
      {sequence_tensor("neighbours", joined), Kept::under_selective},
      {stored_as(Element::fp32, sequence_tensor("mean, rstd", 2)), Kept::under_selective},
      {sequence_tensor("norm output", joined), Kept::under_selective}};
  layer.streams = {{"neighbours", 2 * width, 2 * width, Spread::sequence},
                   {"norm", kNormForward * width, kNormBackward * width, Spread::sequence}};
  layer.forward_moments = {{"reduction", {sequence_tensor("output", to.hidden)}}};
  layer.backward_moments = {
      {"reduction",
       {sequence_tensor("output gradient", to.hidden), sequence_tensor("gradient", joined)}},
      {"norm",
       {sequence_tensor("gradients", 2 * joined), sequence_tensor("norm output", -joined)}}};
  layer.forward_launches = 10;
  layer.backward_launches = 12;
  layer.whole_tokens_reason = "a new token is made of four, which may lie on several ranks";
  return layer;
}

Layer head(const SwinConfig& config) {
  const SwinDepth depth = swin_depth(config, config.depths.size() - 1);
  const std::int64_t h = depth.hidden;
  const auto width = static_cast<double>(h);
  const Product classifier{Split::replicated, "classifier", h, config.classes, false, 1};
  Layer layer{.type = "swin_head",
              .kind = LayerKind::head,
              .tokens_per_sample = token_count(depth),
              .hidden = h};
  layer.parameters = layer_norm_parameters("swin.layernorm", h);
  append(layer.parameters, linear_parameters("classifier", classifier, config.initializer_range));
  layer.products = {classifier};
  layer.saved = {
      {sequence_tensor("input", h), Kept::always},
      {stored_as(Element::fp32, sequence_tensor("mean, rstd", 2)), Kept::under_selective},
      {of_tokens(1, sequence_tensor("mean token, logits", h + config.classes)),
       Kept::under_selective}};
  layer.streams = {
      {"norm, mean", (kNormForward + 1) * width, (kNormBackward + 1) * width, Spread::sequence}};
  layer.forward_moments = {{"norm", {sequence_tensor("norm output", h)}}};
  layer.backward_moments = {{"norm", {sequence_tensor("gradients", 2 * h)}}};
  layer.forward_launches = 9;
  layer.backward_launches = 11;
  layer.whole_tokens_reason = "it classifies the mean over a sample's tokens";
  return layer;
}

}  // namespace

std::vector<Layer> swin_layer_types(const SwinConfig& config) {
  std::vector<Layer> types = {embedding(config)};
  for (std::size_t number = 0; number < config.depths.size(); ++number) {
    types.push_back(block(config, number));
    if (number + 1 < config.depths.size()) types.push_back(merging(config, number));
  }
  types.push_back(head(config));
  return types;
}

}  // namespace galvatron
