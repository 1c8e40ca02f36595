#include "planner/model/families/bert.h"

#include <string>
#include <utility>

#include "cost_models/rounding.h"
#include "planner/model/families/encoder_block.h"
#include "planner/model/families/language_head.h"
#include "planner/model/families/tables.h"

namespace galvatron {
namespace {

using Kept = SavedTensor::Kept;
using Split = Product::Split;

constexpr const char* kTable = "bert.embeddings.word_embeddings.weight";

EncoderSizes sizes_of(const BertConfig& config) {
  return {.hidden = config.hidden,
          .mlp_width = config.mlp_width,
          .heads = config.heads,
          .initializer_range = config.initializer_range};
}

Parameter word_table(const BertConfig& config, const char* name) {
  const bool tied = config.tied_embeddings;
  Parameter table = vocabulary_table(name, {config.vocabulary, config.hidden},
                                     config.initializer_range, tied ? name : "");
  table.initialization.zero_row = config.padding_token;
  return table;
}

Parameter small_table(const std::string& name, std::int64_t rows, const BertConfig& config) {
  return {.name = name,
          .shape = {rows, config.hidden},
          .initialization = normal(config.initializer_range),
          .token_local = true};
}

Layer embedding(const BertConfig& config, std::int64_t sequence_length) {
  const std::int64_t h = config.hidden;
  const auto width = static_cast<double>(h);
  Layer layer{.type = "bert_embedding",
              .kind = LayerKind::embedding,
              .tokens_per_sample = sequence_length,
              .hidden = h,
              .vocabulary = config.vocabulary};
  layer.parameters = {
      word_table(config, kTable),
      small_table("bert.embeddings.position_embeddings.weight", config.positions, config),
      small_table("bert.embeddings.token_type_embeddings.weight", config.token_types, config)};
  append(layer.parameters, layer_norm_parameters("bert.embeddings.LayerNorm", h));
  layer.saved = {
      {stored_as(Element::int64, whole_tensor("token ids", 1)), Kept::always},
      {stored_as(Element::int64, sequence_tensor("token types", 1)), Kept::under_selective},
      {sequence_tensor("sum", h), Kept::under_selective},
      {stored_as(Element::fp32, sequence_tensor("mean, rstd", 2)), Kept::under_selective}};
  layer.streams = {{"lookup", 5.5 * width, 9 * width, Spread::sequence},
                   {"norm", kNormForward * width, kNormBackward * width, Spread::sequence}};
  layer.forward_moments = {{"words", {gathered_tensor("words", h)}},
                           {"norm", {sequence_tensor("output", h)}}};
  std::vector<LayerTensor> norm = {sequence_tensor("received", h),
                                   sequence_tensor("input gradient", h)};
  if (config.hidden_dropout > 0) norm.push_back(sequence_tensor("dropped gradient", h));
  layer.backward_moments = {{"norm", norm},
                            {"table",
                             {sequence_tensor("received", h), sequence_tensor("gradient", h),
                              gathered_tensor("whole gradient", h), sequence_tensor("sum", -h)}}};
  layer.forward_launches = 8;
  layer.backward_launches = 10;
  return layer;
}

std::vector<Parameter> block_parameters(const BertConfig& config) {
  const std::string prefix = "bert.encoder.layer.{}.";
  std::vector<Parameter> parameters =
      encoder_parameters({prefix, "attention.self"}, sizes_of(config));
  append(parameters, layer_norm_parameters(prefix + "attention.output.LayerNorm", config.hidden));
  append(parameters, layer_norm_parameters(prefix + "output.LayerNorm", config.hidden));
  return parameters;
}

std::vector<SavedTensor> block_saved(const BertConfig& config) {
  const std::int64_t h = config.hidden;
  const std::int64_t f = config.mlp_width;
  return {
      {sequence_tensor("input", h), Kept::always},
      {stored_as(Element::fp32, whole_tensor("attention mask", 1)), Kept::under_selective},
      {tensor_tensor("q, k, v", 3 * h), Kept::under_selective},
      {tensor_tensor("attention output", h), Kept::under_selective},
      {stored_as(Element::fp32, tensor_tensor("log-sum-exp", config.heads)), Kept::under_selective},
      {sequence_tensor("norm 1 input", h), Kept::under_selective},
      {stored_as(Element::fp32, sequence_tensor("norm 1 mean, rstd", 2)), Kept::under_selective},
      {sequence_tensor("norm 1 output", h), Kept::under_none},
      {tensor_tensor("up output", f), Kept::under_selective},
      {tensor_tensor("activation output", f), Kept::under_none},
      {sequence_tensor("norm 2 input", h), Kept::under_selective},
      {stored_as(Element::fp32, sequence_tensor("norm 2 mean, rstd", 2)), Kept::under_selective},
  };
}

Layer block(const BertConfig& config, std::int64_t sequence_length) {
  const std::int64_t h = config.hidden;
  const std::int64_t f = config.mlp_width;
  Layer layer = with_encoder_block_tables(
      {.type = "bert_block", .tokens_per_sample = sequence_length, .hidden = h}, sizes_of(config));
  layer.parameters = block_parameters(config);
  layer.saved = block_saved(config);
  layer.forward_moments = {{"down", {gathered_tensor("sum", h)}},
                           {"norm 2", {sequence_tensor("output", h)}}};
  // Once the second norm is through, its input is gone and its gradient stays for the residual.
  std::vector<LayerTensor> down = {
      sequence_tensor("output gradient", h), sequence_tensor("residual gradient", h),
      gathered_tensor("whole residual gradient", h), tensor_tensor("activation gradient", f),
      sequence_tensor("norm 2 input", -h)};
  if (config.hidden_dropout > 0) down.push_back(sequence_tensor("dropped gradient", h));
  layer.backward_moments = {
      {"norm 2", {sequence_tensor("output gradient", h), sequence_tensor("input gradient", h)}},
      {"down", down},
      {"activation",
       {sequence_tensor("output gradient", h), sequence_tensor("residual gradient", h),
        tensor_tensor("gradients", 2 * f), tensor_tensor("activation output", -f),
        sequence_tensor("norm 2 input", -h)}}};
  return layer;
}

// The pooled class token and whether the second sentence follows: one token of each sample.
void add_next_sentence(Layer& head, const BertConfig& config) {
  const std::int64_t h = config.hidden;
  const std::vector<Product> products = {{Split::replicated, "pooler", h, h, false, 1},
                                         {Split::replicated, "next sentence", h, 2, false, 1}};
  append(head.parameters,
         linear_parameters("bert.pooler.dense", products[0], config.initializer_range));
  append(head.parameters,
         linear_parameters("cls.seq_relationship", products[1], config.initializer_range));
  head.products.insert(head.products.end(), products.begin(), products.end());
  head.saved.push_back(
      {of_tokens(1, sequence_tensor("class tokens and pooled", 2 * h)), Kept::under_selective});
  head.forward_launches += 6;
  head.backward_launches += 8;
}

Layer head(const BertConfig& config, std::int64_t sequence_length) {
  const std::int64_t h = config.hidden;
  Layer layer = with_language_head_tables({.type = "bert_head",
                                           .kind = LayerKind::head,
                                           .tokens_per_sample = sequence_length,
                                           .hidden = h,
                                           .vocabulary = config.vocabulary},
                                          NormKind::layer_norm);
  const Product transform{Split::replicated, "transform", h, h};
  layer.parameters =
      linear_parameters("cls.predictions.transform.dense", transform, config.initializer_range);
  append(layer.parameters, layer_norm_parameters("cls.predictions.transform.LayerNorm", h));
  layer.parameters.push_back(
      word_table(config, config.tied_embeddings ? kTable : "cls.predictions.decoder.weight"));
  layer.parameters.push_back({.name = "cls.predictions.bias",
                              .shape = {config.vocabulary},
                              .split_dimension = 0,
                              .pads = true,
                              .initialization = kZeros});
  layer.products.insert(layer.products.begin(), transform);
  layer.saved.push_back({sequence_tensor("transform output", h), Kept::under_selective});
  layer.saved.push_back({sequence_tensor("norm input", h), Kept::under_selective});
  layer.streams.push_back(
      {"activation", 2 * static_cast<double>(h), 3 * static_cast<double>(h), Spread::sequence});
  layer.forward_launches += 2;
  layer.backward_launches += 4;
  if (config.head == BertHead::pretraining) add_next_sentence(layer, config);
  return layer;
}

}  // namespace

std::vector<Layer> bert_layer_types(const BertConfig& config, std::int64_t sequence_length) {
  return {embedding(config, sequence_length), block(config, sequence_length),
          head(config, sequence_length)};
}

}  // namespace galvatron
