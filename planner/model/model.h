// A Transformer as its users describe it: a family and its sizes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cost_models/layer.h"

namespace galvatron {

enum class Activation { gelu_tanh, gelu_erf, relu, silu };

inline constexpr NamedValues<Activation, 4> kActivationNames{{{Activation::gelu_tanh, "gelu_new"},
                                                              {Activation::gelu_erf, "gelu"},
                                                              {Activation::relu, "relu"},
                                                              {Activation::silu, "silu"}}};

struct Gpt2Config {
  std::int64_t vocabulary = 50257;
  std::int64_t positions = 1024;
  std::int64_t hidden = 768;
  std::int64_t layers = 12;
  std::int64_t heads = 12;
  std::int64_t mlp_width = 0;  // never 0 once read: null in a config means 4 x hidden
  Activation activation = Activation::gelu_tanh;
  double norm_epsilon = 1e-5;
  double initializer_range = 0.02;
  double embedding_dropout = 0.1;
  double residual_dropout = 0.1;
  double attention_dropout = 0.1;
  bool tied_embeddings = true;

  bool operator==(const Gpt2Config&) const = default;
};

// Llama-3's stretched rotary frequencies (rope_type llama3).
struct RopeScaling {
  double factor = 8;
  double low_frequency_factor = 1;
  double high_frequency_factor = 4;
  std::int64_t original_positions = 8192;

  bool operator==(const RopeScaling&) const = default;
};

struct LlamaConfig {
  std::int64_t vocabulary = 32000;
  std::int64_t positions = 2048;
  std::int64_t hidden = 4096;
  std::int64_t layers = 32;
  std::int64_t heads = 32;
  std::int64_t key_value_heads = 32;
  std::int64_t head_size = 128;
  std::int64_t mlp_width = 11008;
  double norm_epsilon = 1e-6;
  double initializer_range = 0.02;
  double rope_theta = 10000;
  std::optional<RopeScaling> rope_scaling;
  bool tied_embeddings = false;

  bool operator==(const LlamaConfig&) const = default;
};

// What stands on BERT's encoder: the masked language model alone, or beside it the pooler and
// whether the second sentence follows the first.
enum class BertHead { masked_lm, pretraining };

inline constexpr NamedValues<BertHead, 2> kBertHeadNames{
    {{BertHead::masked_lm, "masked_lm"}, {BertHead::pretraining, "pretraining"}}};

struct BertConfig {
  std::int64_t vocabulary = 30522;
  std::int64_t positions = 512;
  std::int64_t token_types = 2;
  std::int64_t hidden = 768;
  std::int64_t layers = 12;
  std::int64_t heads = 12;
  std::int64_t mlp_width = 0;  // never 0 once read: not given means 4 x hidden
  Activation activation = Activation::gelu_erf;
  double norm_epsilon = 1e-12;
  double initializer_range = 0.02;
  double hidden_dropout = 0.1;
  double attention_dropout = 0.1;
  std::int64_t padding_token = 0;  // its row starts at zero and learns from the head only; -1: none
  bool tied_embeddings = true;
  BertHead head = BertHead::masked_lm;

  bool operator==(const BertConfig&) const = default;
};

// Images cut into patches, as tokens after a class token. Pixels that fill no whole patch are not
// seen.
struct VitConfig {
  std::int64_t image_height = 224;
  std::int64_t image_width = 224;
  std::int64_t patch_height = 16;
  std::int64_t patch_width = 16;
  std::int64_t channels = 3;
  std::int64_t classes = 1000;
  std::int64_t hidden = 768;
  std::int64_t layers = 12;
  std::int64_t heads = 12;
  std::int64_t mlp_width = 0;  // never 0 once read: not given means 4 x hidden
  Activation activation = Activation::gelu_erf;
  double norm_epsilon = 1e-12;
  double initializer_range = 0.02;
  double hidden_dropout = 0;
  double attention_dropout = 0;
  bool query_key_value_biases = true;

  bool operator==(const VitConfig&) const = default;
};

// Tokens of one image: the class token and the patches.
constexpr std::int64_t token_count(const VitConfig& config) {
  return 1 +
         (config.image_height / config.patch_height) * (config.image_width / config.patch_width);
}

// Images cut into patches, as a grid of tokens that blocks attend to in windows. Between two depths
// each square of two by two tokens becomes one of twice the width. Images and grids that do not
// divide are filled up.
struct SwinConfig {
  std::int64_t image_height = 224;
  std::int64_t image_width = 224;
  std::int64_t patch_height = 4;
  std::int64_t patch_width = 4;
  std::int64_t channels = 3;
  std::int64_t classes = 1000;
  std::int64_t hidden = 96;                          // of the first depth
  std::vector<std::int64_t> depths = {2, 2, 6, 2};   // blocks of each
  std::vector<std::int64_t> heads = {3, 6, 12, 24};  // of each depth
  std::int64_t window = 7;                           // side, in tokens
  double mlp_ratio = 4;                              // to the width of the depth
  Activation activation = Activation::gelu_erf;
  double norm_epsilon = 1e-5;
  double initializer_range = 0.02;
  double hidden_dropout = 0;
  double attention_dropout = 0;
  double path_dropout = 0.1;  // of the last block; grows linearly from 0
  bool query_key_value_biases = true;

  bool operator==(const SwinConfig&) const = default;
};

// A tensor that a later layer than the next one needs. The layers between hand it on: it is the
// last columns of their activations.
struct CarriedTensor {
  std::string tensor{};
  std::int64_t from = 0;  // numbers of layers
  std::int64_t to = 0;
  std::int64_t elements_per_token = 0;

  bool operator==(const CarriedTensor&) const = default;
};

// Encoder and decoder. A decoder's row has its own length, and begins with start_token.
struct T5Config {
  std::int64_t vocabulary = 32128;
  std::int64_t target_sequence_length = 0;  // tokens of a decoder's row; 0: the encoder's
  std::int64_t hidden = 512;
  std::int64_t encoder_layers = 6;
  std::int64_t decoder_layers = 0;  // never 0 once read: not given means encoder_layers
  std::int64_t heads = 8;
  std::int64_t head_size = 64;  // heads x head_size need not be hidden
  std::int64_t mlp_width = 2048;
  Activation activation = Activation::relu;
  bool gated_mlp = false;  // activation(gate) up, as in version 1.1
  std::int64_t position_buckets = 32;
  std::int64_t position_distance = 128;  // from here on all distances share a bucket
  double norm_epsilon = 1e-6;
  double dropout = 0.1;
  std::int64_t padding_token = 0;
  std::int64_t start_token = 0;
  bool tied_embeddings = true;

  bool operator==(const T5Config&) const = default;
};

// Tokens of a decoder's row where the encoder's have `sequence_length`.
constexpr std::int64_t target_length(const T5Config& config, std::int64_t sequence_length) {
  return config.target_sequence_length > 0 ? config.target_sequence_length : sequence_length;
}

// A user's own model: its layers as they stand in the model YAML, in order.
struct UserModel {
  std::vector<Layer> layers;                               // one per distinct type
  std::vector<std::pair<std::string, std::int64_t>> runs;  // type, count, in chain order
  std::vector<CarriedTensor> edges;                        // beside those between neighbours

  bool operator==(const UserModel&) const = default;
};

struct Model {
  std::string name;
  std::int64_t sequence_length = 0;  // tokens of one training sample
  std::variant<Gpt2Config, LlamaConfig, UserModel, BertConfig, VitConfig, T5Config, SwinConfig>
      config;

  bool operator==(const Model&) const = default;
};

}  // namespace galvatron
