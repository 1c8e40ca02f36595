#include "planner/model/families/encoder_block.h"

#include <utility>

#include "planner/model/families/tables.h"

namespace galvatron {

std::vector<Parameter> linear_parameters(const std::string& name, const Product& product,
                                         double initializer_range) {
  Parameter weight{.name = name + ".weight",
                   .shape = {product.outputs, product.inputs},
                   .initialization = normal(initializer_range)};
  Parameter bias = token_local_vector(name + ".bias", product.outputs, kZeros);
  switch (product.split) {
    case Product::Split::column:
      weight.split_dimension = 0;
      bias.split_dimension = 0;
      bias.token_local = false;
      break;
    case Product::Split::row:
      weight.split_dimension = 1;
      break;
    case Product::Split::replicated:
      weight.token_local = true;
      break;
  }
  return {std::move(weight), std::move(bias)};
}

std::vector<Parameter> layer_norm_parameters(const std::string& name, std::int64_t hidden) {
  return {token_local_vector(name + ".weight", hidden, kOnes),
          token_local_vector(name + ".bias", hidden, kZeros)};
}

std::vector<Product> encoder_products(const EncoderSizes& sizes) {
  using Split = Product::Split;
  const std::int64_t h = sizes.hidden;
  return {{Split::column, "query", h, h},
          {Split::column, "key", h, h, true},
          {Split::column, "value", h, h, true},
          {Split::row, "attention projection", h, h},
          {Split::column, "up", h, sizes.mlp_width},
          {Split::row, "down", sizes.mlp_width, h}};
}

std::vector<Parameter> encoder_parameters(const EncoderNames& names, const EncoderSizes& sizes) {
  const std::string own[] = {names.attention + ".query", names.attention + ".key",
                             names.attention + ".value", "attention.output.dense",
                             "intermediate.dense",       "output.dense"};
  constexpr std::size_t kQueryKeyValue = 3;
  const std::vector<Product> products = encoder_products(sizes);
  std::vector<Parameter> parameters;
  for (std::size_t i = 0; i < products.size(); ++i) {
    append(parameters,
           linear_parameters(names.prefix + own[i], products[i], sizes.initializer_range));
    if (i < kQueryKeyValue && !sizes.query_key_value_biases) parameters.pop_back();
  }
  return parameters;
}

Layer with_encoder_block_tables(Layer block, const EncoderSizes& sizes) {
  const auto width = static_cast<double>(sizes.hidden);
  const auto mlp = static_cast<double>(sizes.mlp_width);
  block.products = encoder_products(sizes);
  block.attentions = {{.heads = sizes.heads,
                       .key_value_heads = sizes.heads,
                       .head_size = sizes.hidden / sizes.heads,
                       .causal = false}};
  block.streams = {
      {"norms", 2 * kNormForward * width, 2 * kNormBackward * width, Spread::sequence, true,
       StreamWork::norm},
      {"bias, dropout, add", 6 * width, 2 * width, Spread::sequence, false, StreamWork::residual},
      {"activation", 2 * mlp, 3 * mlp, Spread::tensor, true, StreamWork::activation}};
  block.forward_launches = 18;
  block.backward_launches = 30;
  block.tensor_divides = {{"num_heads", sizes.heads}, {"mlp_width", sizes.mlp_width}};
  return block;
}

}  // namespace galvatron
