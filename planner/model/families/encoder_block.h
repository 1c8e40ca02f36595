// The parts that the blocks of BERT and ViT have in common: separate query, key and value products
// with biases, attention both ways, and an MLP of two products.
#pragma once

#include <string>
#include <vector>

#include "cost_models/layer.h"

namespace galvatron {

struct EncoderSizes {
  std::int64_t hidden = 0;
  std::int64_t mlp_width = 0;
  std::int64_t heads = 0;
  double initializer_range = 0;
  bool query_key_value_biases = true;
};

// A [outputs, inputs] weight and its bias, under `name`. A column product splits both over the
// outputs; a row product splits the weight over the inputs and has a token-local bias; the weight
// and the bias of a replicated product are token-local.
std::vector<Parameter> linear_parameters(const std::string& name, const Product& product,
                                         double initializer_range);

std::vector<Parameter> layer_norm_parameters(const std::string& name, std::int64_t hidden);

// query, key, value, attention projection, up, down.
std::vector<Product> encoder_products(const EncoderSizes& sizes);

// Weights and biases of these products: `prefix` comes before every name, `attention` before query,
// key and value.
struct EncoderNames {
  std::string prefix;
  std::string attention;
};
std::vector<Parameter> encoder_parameters(const EncoderNames& names, const EncoderSizes& sizes);

// Sets products, attention, streams, launches and what the tensor degree must divide.
Layer with_encoder_block_tables(Layer block, const EncoderSizes& sizes);

}  // namespace galvatron
