#include "planner/model/families/vit.h"

#include <string>

#include "cost_models/rounding.h"
#include "planner/model/families/encoder_block.h"
#include "planner/model/families/tables.h"

namespace galvatron {
namespace {

using Kept = SavedTensor::Kept;
using Split = Product::Split;

EncoderSizes sizes_of(const VitConfig& config) {
  return {.hidden = config.hidden,
          .mlp_width = config.mlp_width,
          .heads = config.heads,
          .initializer_range = config.initializer_range,
          .query_key_value_biases = config.query_key_value_biases};
}

Parameter learned_tokens(const char* name, std::int64_t tokens, const VitConfig& config) {
  return {.name = name,
          .shape = {1, tokens, config.hidden},
          .initialization = normal(config.initializer_range),
          .token_local = true};
}

Layer embedding(const VitConfig& config) {
  const std::int64_t h = config.hidden;
  const std::int64_t tokens = token_count(config);
  const std::int64_t pixels = config.channels * config.image_height * config.image_width;
  const Product patches{Split::replicated, "patches",
                        config.channels * config.patch_height * config.patch_width, h};
  Layer layer{.type = "vit_embedding",
              .kind = LayerKind::embedding,
              .tokens_per_sample = tokens,
              .hidden = h};
  layer.parameters = {learned_tokens("vit.embeddings.cls_token", 1, config),
                      learned_tokens("vit.embeddings.position_embeddings", tokens, config)};
  append(layer.parameters, linear_parameters("vit.embeddings.patch_embeddings.projection", patches,
                                             config.initializer_range));
  layer.parameters[2].shape = {h, config.channels, config.patch_height, config.patch_width};
  layer.products = {patches};
  layer.saved = {
      {stored_as(Element::fp32, of_tokens(1, whole_tensor("pixels", pixels))), Kept::always}};
  layer.streams = {
      {"positions", 3 * static_cast<double>(h), 2 * static_cast<double>(h), Spread::sequence}};
  const LayerTensor unfolded = one_sample(
      of_tokens(tokens - 1, stored_as(Element::fp32, whole_tensor("unfolded", patches.inputs))));
  layer.forward_moments = {{"patches", {sequence_tensor("output", h), unfolded}}};
  std::vector<LayerTensor> received = {sequence_tensor("received", h), unfolded};
  if (config.hidden_dropout > 0) received.push_back(sequence_tensor("dropped gradient", h));
  layer.backward_moments = {{"patches", received}};
  layer.forward_launches = 6;
  layer.backward_launches = 8;
  return layer;
}

std::vector<Parameter> block_parameters(const VitConfig& config) {
  const std::string prefix = "vit.encoder.layer.{}.";
  std::vector<Parameter> parameters =
      layer_norm_parameters(prefix + "layernorm_before", config.hidden);
  append(parameters, layer_norm_parameters(prefix + "layernorm_after", config.hidden));
  append(parameters, encoder_parameters({prefix, "attention.attention"}, sizes_of(config)));
  return parameters;
}

std::vector<SavedTensor> block_saved(const VitConfig& config) {
  const std::int64_t h = config.hidden;
  const std::int64_t f = config.mlp_width;
  return {
      {sequence_tensor("input", h), Kept::always},
      {stored_as(Element::fp32, sequence_tensor("norm 1 mean, rstd", 2)), Kept::under_selective},
      {sequence_tensor("norm 1 output", h), Kept::under_none},
      {tensor_tensor("q, k, v", 3 * h), Kept::under_selective},
      {tensor_tensor("attention output", h), Kept::under_selective},
      {stored_as(Element::fp32, tensor_tensor("log-sum-exp", config.heads)), Kept::under_selective},
      {sequence_tensor("middle", h), Kept::under_selective},
      {stored_as(Element::fp32, sequence_tensor("norm 2 mean, rstd", 2)), Kept::under_selective},
      {sequence_tensor("norm 2 output", h), Kept::under_none},
      {tensor_tensor("up output", f), Kept::under_selective},
      {tensor_tensor("activation output", f), Kept::under_none},
  };
}

Layer block(const VitConfig& config) {
  const std::int64_t h = config.hidden;
  const std::int64_t f = config.mlp_width;
  Layer layer = with_encoder_block_tables(
      {.type = "vit_block", .tokens_per_sample = token_count(config), .hidden = h},
      sizes_of(config));
  layer.parameters = block_parameters(config);
  layer.saved = block_saved(config);
  layer.forward_moments = {{"down", {sequence_tensor("output", h), gathered_tensor("sum", h)}}};
  std::vector<LayerTensor> down = {sequence_tensor("output gradient", h),
                                   gathered_tensor("whole output gradient", h),
                                   tensor_tensor("activation gradient", f)};
  if (config.hidden_dropout > 0) down.push_back(sequence_tensor("dropped gradient", h));
  layer.backward_moments = {
      {"down", down},
      {"activation",
       {sequence_tensor("output gradient", h), tensor_tensor("gradients", 2 * f),
        tensor_tensor("activation output", -f)}}};
  return layer;
}

// Only the class tokens go through norm and classifier: one token of each sample.
Layer head(const VitConfig& config) {
  const std::int64_t h = config.hidden;
  const std::int64_t tokens = token_count(config);
  const Product classifier{Split::replicated, "classifier", h, config.classes, false, 1};
  Layer layer{
      .type = "vit_head", .kind = LayerKind::head, .tokens_per_sample = tokens, .hidden = h};
  layer.parameters = layer_norm_parameters("vit.layernorm", h);
  append(layer.parameters, linear_parameters("classifier", classifier, config.initializer_range));
  layer.products = {classifier};
  layer.saved = {
      {sequence_tensor("input", h), Kept::always},
      {of_tokens(1, sequence_tensor("class tokens, norm output, logits", 2 * h + config.classes)),
       Kept::under_selective}};
  layer.forward_moments = {
      {"logits", {of_tokens(1, sequence_tensor("logits", 2 * config.classes))}}};
  layer.backward_moments = {{"class tokens", {sequence_tensor("input gradient", h)}}};
  layer.forward_launches = 8;
  layer.backward_launches = 10;
  return layer;
}

}  // namespace

std::vector<Layer> vit_layer_types(const VitConfig& config) {
  return {embedding(config), block(config), head(config)};
}

}  // namespace galvatron
