#include "planner/model/families/llama.h"

#include <utility>

#include "planner/model/families/language_head.h"
#include "planner/model/families/tables.h"

namespace galvatron {
namespace {

using Kept = SavedTensor::Kept;
using Split = Product::Split;

constexpr const char* kTable = "model.embed_tokens.weight";

Layer embedding(const LlamaConfig& config, std::int64_t sequence_length) {
  const std::int64_t h = config.hidden;
  const double width = static_cast<double>(h);
  Layer layer{.type = "llama_embedding",
              .kind = LayerKind::embedding,
              .tokens_per_sample = sequence_length,
              .hidden = h,
              .vocabulary = config.vocabulary};
  layer.parameters = {vocabulary_table(kTable, {config.vocabulary, h}, config.initializer_range,
                                       config.tied_embeddings ? kTable : "")};
  layer.saved = {{stored_as(Element::int64, whole_tensor("token ids", 1)), Kept::always}};
  layer.streams = {{"lookup", 3.5 * width, 7 * width, Spread::sequence}};
  layer.forward_moments = {{"lookup", {sequence_tensor("output", h), gathered_tensor("words", h)}}};
  layer.backward_moments = {
      {"table", {sequence_tensor("received", h), gathered_tensor("gradient", h)}}};
  layer.forward_launches = 2;
  layer.backward_launches = 2;
  return layer;
}

// A [rows, columns] weight whose outputs (dimension 0) or inputs (dimension 1) the tensor axis
// splits.
Parameter weight(std::string name, std::vector<std::int64_t> shape, int split_dimension,
                 double deviation) {
  return {.name = std::move(name),
          .shape = std::move(shape),
          .split_dimension = split_dimension,
          .initialization = normal(deviation)};
}

std::vector<Parameter> block_parameters(const LlamaConfig& config) {
  const std::int64_t h = config.hidden;
  const std::int64_t f = config.mlp_width;
  const std::int64_t queries = config.heads * config.head_size;
  const std::int64_t keys = config.key_value_heads * config.head_size;
  const double deviation = config.initializer_range;
  const std::string prefix = "model.layers.{}.";
  return {
      token_local_vector(prefix + "input_layernorm.weight", h, kOnes),
      weight(prefix + "self_attn.q_proj.weight", {queries, h}, 0, deviation),
      weight(prefix + "self_attn.k_proj.weight", {keys, h}, 0, deviation),
      weight(prefix + "self_attn.v_proj.weight", {keys, h}, 0, deviation),
      weight(prefix + "self_attn.o_proj.weight", {h, queries}, 1, deviation),
      token_local_vector(prefix + "post_attention_layernorm.weight", h, kOnes),
      weight(prefix + "mlp.gate_proj.weight", {f, h}, 0, deviation),
      weight(prefix + "mlp.up_proj.weight", {f, h}, 0, deviation),
      weight(prefix + "mlp.down_proj.weight", {h, f}, 1, deviation),
  };
}

std::vector<SavedTensor> block_saved(const LlamaConfig& config) {
  const std::int64_t h = config.hidden;
  const std::int64_t f = config.mlp_width;
  const std::int64_t queries = config.heads * config.head_size;
  const std::int64_t keys = config.key_value_heads * config.head_size;
  return {
      {sequence_tensor("input", h), Kept::always},
      {stored_as(Element::fp32, sequence_tensor("norm 1 rstd", 1)), Kept::under_selective},
      {sequence_tensor("norm 1 output", h), Kept::under_none},
      {tensor_tensor("rotated q, k and v", queries + 2 * keys), Kept::under_selective},
      {tensor_tensor("attention output", queries), Kept::under_selective},
      {stored_as(Element::fp32, tensor_tensor("log-sum-exp", config.heads)), Kept::under_selective},
      {sequence_tensor("middle", h), Kept::under_selective},
      {stored_as(Element::fp32, sequence_tensor("norm 2 rstd", 1)), Kept::under_selective},
      {sequence_tensor("norm 2 output", h), Kept::under_none},
      {tensor_tensor("gate, up", 2 * f), Kept::under_selective},
      {tensor_tensor("gated product", f), Kept::under_none},
  };
}

Layer block(const LlamaConfig& config, std::int64_t sequence_length) {
  const std::int64_t h = config.hidden;
  const std::int64_t f = config.mlp_width;
  const std::int64_t queries = config.heads * config.head_size;
  const std::int64_t keys = config.key_value_heads * config.head_size;
  const double width = static_cast<double>(h);
  const double mlp = static_cast<double>(f);
  const double rotated = static_cast<double>(queries + keys);
  Layer layer{.type = "llama_block",
              .kind = LayerKind::block,
              .tokens_per_sample = sequence_length,
              .hidden = h};
  layer.parameters = block_parameters(config);
  layer.products = {
      {Split::column, "q", h, queries},    {Split::column, "k", h, keys, true},
      {Split::column, "v", h, keys, true}, {Split::row, "attention projection", queries, h},
      {Split::column, "gate", h, f},       {Split::column, "up", h, f, true},
      {Split::row, "down", f, h}};
  layer.attentions = {{.heads = config.heads,
                       .key_value_heads = config.key_value_heads,
                       .head_size = config.head_size,
                       .causal = true}};
  layer.saved = block_saved(config);
  layer.streams = {{"norms", 2 * kNormForward * width, 2 * kNormBackward * width, Spread::sequence,
                    true, StreamWork::norm},
                   {"rotary", 2 * rotated, 2 * rotated, Spread::tensor, false, StreamWork::rotary},
                   {"add", 6 * width, 2 * width, Spread::sequence, false, StreamWork::residual},
                   {"SwiGLU", 3 * mlp, 5 * mlp, Spread::tensor, true, StreamWork::gated}};
  layer.forward_moments = {{"down", {sequence_tensor("output", h), gathered_tensor("sum", h)}}};
  layer.backward_moments = {
      {"down",
       {sequence_tensor("output gradient", h), gathered_tensor("whole output gradient", h),
        tensor_tensor("product gradient", f)}},
      {"SwiGLU",
       {sequence_tensor("output gradient", h), tensor_tensor("gradients", 3 * f),
        tensor_tensor("gated product", -f)}}};
  layer.forward_launches = 16;
  layer.backward_launches = 26;
  layer.tensor_divides = {{"num_attention_heads", config.heads},
                          {"num_key_value_heads", config.key_value_heads},
                          {"intermediate_size", f}};
  return layer;
}

Layer head(const LlamaConfig& config, std::int64_t sequence_length) {
  const std::int64_t h = config.hidden;
  Layer layer{.type = "llama_head",
              .kind = LayerKind::head,
              .tokens_per_sample = sequence_length,
              .hidden = h,
              .vocabulary = config.vocabulary};
  layer.parameters = {
      token_local_vector("model.norm.weight", h, kOnes),
      config.tied_embeddings
          ? vocabulary_table(kTable, {config.vocabulary, h}, config.initializer_range, kTable)
          : vocabulary_table("lm_head.weight", {config.vocabulary, h}, config.initializer_range,
                             "")};
  return with_language_head_tables(std::move(layer), NormKind::rms_norm);
}

}  // namespace

std::vector<Layer> llama_layer_types(const LlamaConfig& config, std::int64_t sequence_length) {
  return {embedding(config, sequence_length), block(config, sequence_length),
          head(config, sequence_length)};
}

}  // namespace galvatron
