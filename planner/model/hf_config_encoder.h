// What the config.json files of BERT, ViT and Swin have in common.
#pragma once

#include <fmt/format.h>

#include "planner/model/hf_config_reader.h"
#include "planner/model/model.h"
#include "planner/model/model_limits.h"

namespace galvatron {

template <typename Config>
void read_encoder_fields(HfConfigReader& reader, Config& config) {
  config.activation =
      reader.map().optional("hidden_act", kActivationNames).value_or(config.activation);
  config.norm_epsilon = reader.value("layer_norm_eps", config.norm_epsilon, kEpsilonRange);
  config.initializer_range =
      reader.value("initializer_range", config.initializer_range, kDeviationRange);
  config.hidden_dropout = reader.value("hidden_dropout_prob", config.hidden_dropout, kDropoutRange);
  config.attention_dropout =
      reader.value("attention_probs_dropout_prob", config.attention_dropout, kDropoutRange);
}

// Of encoders whose layers are all of one size.
template <typename Config>
void read_layer_sizes(HfConfigReader& reader, Config& config) {
  config.hidden = reader.value("hidden_size", config.hidden, kHiddenRange);
  config.layers = reader.value("num_hidden_layers", config.layers, kLayersRange);
  config.heads = reader.value("num_attention_heads", config.heads, kHeadsRange);
  config.mlp_width = reader.value<std::int64_t>("intermediate_size", 3072, kMlpWidthRange);
}

// Call it only if the sizes by themselves had no errors.
template <typename Config>
void check_layer_sizes(MapReader& reader, const Config& config) {
  if (config.hidden % config.heads == 0) return;
  reader.refuse("num_attention_heads",
                fmt::format("must divide hidden_size ({}), got {}", config.hidden, config.heads));
}

}  // namespace galvatron
