#include "planner/model/families/gpt2.h"

#include <cmath>
#include <utility>

#include "planner/model/families/language_head.h"
#include "planner/model/families/tables.h"

namespace galvatron {
namespace {

using Kept = SavedTensor::Kept;
using Split = Product::Split;

constexpr const char* kTable = "transformer.wte.weight";

Layer embedding(const Gpt2Config& config, std::int64_t sequence_length) {
  const std::int64_t h = config.hidden;
  const double width = static_cast<double>(h);
  Layer layer{.type = "gpt2_embedding",
              .kind = LayerKind::embedding,
              .tokens_per_sample = sequence_length,
              .hidden = h,
              .vocabulary = config.vocabulary};
  Parameter positions =
      token_local_vector("transformer.wpe.weight", 0, normal(config.initializer_range));
  positions.shape = {config.positions, h};
  layer.parameters = {vocabulary_table(kTable, {config.vocabulary, h}, config.initializer_range,
                                       config.tied_embeddings ? kTable : ""),
                      positions};
  layer.saved = {{stored_as(Element::int64, whole_tensor("token ids", 1)), Kept::always}};
  layer.streams = {{"lookup", 3.5 * width, 7 * width, Spread::sequence}};
  layer.forward_moments = {{"sum", {sequence_tensor("output", h), gathered_tensor("words", h)}}};
  std::vector<LayerTensor> table = {sequence_tensor("received", h), gathered_tensor("gradient", h)};
  if (config.embedding_dropout > 0) table.push_back(sequence_tensor("dropped gradient", h));
  layer.backward_moments = {{"table", table}};
  layer.forward_launches = 4;
  layer.backward_launches = 4;
  return layer;
}

std::vector<Parameter> block_parameters(const Gpt2Config& config) {
  const std::int64_t h = config.hidden;
  const std::int64_t f = config.mlp_width;
  const std::string prefix = "transformer.h.{}.";
  const Initialization weight = normal(config.initializer_range);
  // Residual projections start smaller, by the number of additions to the residual stream.
  const Initialization residual =
      normal(config.initializer_range / std::sqrt(2.0 * static_cast<double>(config.layers)));
  return {
      token_local_vector(prefix + "ln_1.weight", h, kOnes),
      token_local_vector(prefix + "ln_1.bias", h, kZeros),
      {.name = prefix + "attn.c_attn.weight",
       .shape = {h, 3 * h},
       .split_dimension = 1,
       .parts = 3,
       .initialization = weight},
      {.name = prefix + "attn.c_attn.bias",
       .shape = {3 * h},
       .split_dimension = 0,
       .parts = 3,
       .initialization = kZeros},
      {.name = prefix + "attn.c_proj.weight",
       .shape = {h, h},
       .split_dimension = 0,
       .initialization = residual},
      token_local_vector(prefix + "attn.c_proj.bias", h, kZeros),
      token_local_vector(prefix + "ln_2.weight", h, kOnes),
      token_local_vector(prefix + "ln_2.bias", h, kZeros),
      {.name = prefix + "mlp.c_fc.weight",
       .shape = {h, f},
       .split_dimension = 1,
       .initialization = weight},
      {.name = prefix + "mlp.c_fc.bias",
       .shape = {f},
       .split_dimension = 0,
       .initialization = kZeros},
      {.name = prefix + "mlp.c_proj.weight",
       .shape = {f, h},
       .split_dimension = 0,
       .initialization = residual},
      token_local_vector(prefix + "mlp.c_proj.bias", h, kZeros),
  };
}

std::vector<SavedTensor> block_saved(const Gpt2Config& config) {
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

Layer block(const Gpt2Config& config, std::int64_t sequence_length) {
  const std::int64_t h = config.hidden;
  const std::int64_t f = config.mlp_width;
  const double width = static_cast<double>(h);
  const double mlp = static_cast<double>(f);
  Layer layer{.type = "gpt2_block",
              .kind = LayerKind::block,
              .tokens_per_sample = sequence_length,
              .hidden = h};
  layer.parameters = block_parameters(config);
  layer.products = {{Split::column, "qkv", h, 3 * h},
                    {Split::row, "attention projection", h, h},
                    {Split::column, "up", h, f},
                    {Split::row, "down", f, h}};
  layer.attentions = {{.heads = config.heads,
                       .key_value_heads = config.heads,
                       .head_size = h / config.heads,
                       .causal = true}};
  layer.saved = block_saved(config);
  layer.streams = {
      {"norms", 2 * kNormForward * width, 2 * kNormBackward * width, Spread::sequence, true,
       StreamWork::norm},
      {"bias, dropout, add", 6 * width, 2 * width, Spread::sequence, false, StreamWork::residual},
      {"activation", 2 * mlp, 3 * mlp, Spread::tensor, true, StreamWork::activation}};
  layer.forward_moments = {{"down", {sequence_tensor("output", h), gathered_tensor("sum", h)}}};
  std::vector<LayerTensor> down = {sequence_tensor("output gradient", h),
                                   gathered_tensor("whole output gradient", h),
                                   tensor_tensor("activation gradient", f)};
  if (config.residual_dropout > 0) down.push_back(sequence_tensor("dropped gradient", h));
  layer.backward_moments = {
      {"down", down},
      {"activation",
       {sequence_tensor("output gradient", h), tensor_tensor("gradients", 2 * f),
        tensor_tensor("activation output", -f)}}};
  layer.forward_launches = 16;
  layer.backward_launches = 26;
  layer.tensor_divides = {{"num_heads", config.heads}, {"mlp_width", f}};
  return layer;
}

Layer head(const Gpt2Config& config, std::int64_t sequence_length) {
  const std::int64_t h = config.hidden;
  Layer layer{.type = "gpt2_head",
              .kind = LayerKind::head,
              .tokens_per_sample = sequence_length,
              .hidden = h,
              .vocabulary = config.vocabulary};
  layer.parameters = {
      token_local_vector("transformer.ln_f.weight", h, kOnes),
      token_local_vector("transformer.ln_f.bias", h, kZeros),
      config.tied_embeddings
          ? vocabulary_table(kTable, {config.vocabulary, h}, config.initializer_range, kTable)
          : vocabulary_table("lm_head.weight", {config.vocabulary, h}, config.initializer_range,
                             "")};
  return with_language_head_tables(std::move(layer), NormKind::layer_norm);
}

}  // namespace

std::vector<Layer> gpt2_layer_types(const Gpt2Config& config, std::int64_t sequence_length) {
  return {embedding(config, sequence_length), block(config, sequence_length),
          head(config, sequence_length)};
}

}  // namespace galvatron
