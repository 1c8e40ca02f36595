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

// A user's own model: its layers as they stand in the model YAML, in order.
struct UserModel {
  std::vector<Layer> layers;                               // one per distinct type
  std::vector<std::pair<std::string, std::int64_t>> runs;  // type, count, in chain order

  bool operator==(const UserModel&) const = default;
};

struct Model {
  std::string name;
  std::int64_t sequence_length = 0;  // tokens of one training sample
  std::variant<Gpt2Config, LlamaConfig, UserModel> config;

  bool operator==(const Model&) const = default;
};

}  // namespace galvatron
