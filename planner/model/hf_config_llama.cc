#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <utility>

#include "planner/model/hf_config_families.h"
#include "planner/model/model_limits.h"

namespace galvatron {
namespace {

enum class RopeType { standard, llama3 };
constexpr NamedValues<RopeType, 2> kRopeTypeNames{
    {{RopeType::standard, "default"}, {RopeType::llama3, "llama3"}}};

struct Rope {
  std::optional<double> theta;
  std::optional<RopeScaling> scaling;
};

RopeType read_rope_type(MapReader& rope) {
  // Older files say `type`.
  const std::optional<RopeType> older = rope.optional("type", kRopeTypeNames);
  const std::optional<RopeType> type = rope.optional("rope_type", kRopeTypeNames);
  if (older && type && older != type) rope.refuse("type", "must equal rope_type");
  return type.value_or(older.value_or(RopeType::standard));
}

// `rope_scaling` of 4.x or `rope_parameters` of 5.x. Every key in it computes.
Rope read_rope(MapReader& map) {
  Rope rope{.theta = map.optional<double>("rope_theta", kRopeRange)};
  const std::optional<double> rotated_share = map.optional<double>("partial_rotary_factor");
  if (rotated_share.value_or(1) != 1) map.refuse("partial_rotary_factor", "must be 1");
  if (read_rope_type(map) == RopeType::llama3) {
    rope.scaling =
        RopeScaling{.factor = map.required<double>("factor", at_least(1)),
                    .low_frequency_factor = map.required<double>("low_freq_factor", kRopeRange),
                    .high_frequency_factor = map.required<double>("high_freq_factor", kRopeRange),
                    .original_positions = map.required<std::int64_t>(
                        "original_max_position_embeddings", kPositionsRange)};
    if (rope.scaling->high_frequency_factor <= rope.scaling->low_frequency_factor) {
      map.refuse("high_freq_factor", "must be greater than low_freq_factor");
    }
  }
  map.finish();
  return rope;
}

void read_rotary(HfConfigReader& reader, LlamaConfig& config) {
  std::optional<double> theta = reader.map().optional<double>("rope_theta", kRopeRange);
  bool described = false;
  for (const char* key : {"rope_scaling", "rope_parameters"}) {
    std::optional<MapReader> map = reader.map().optional_map(key);
    if (!map) continue;
    if (std::exchange(described, true)) {
      reader.map().refuse(key, "must not stand beside rope_scaling");
    }
    const Rope rope = read_rope(*map);
    if (rope.theta && theta && rope.theta != theta) {
      map->refuse("rope_theta",
                  fmt::format("must equal the one outside ({}), got {}", *theta, *rope.theta));
    }
    if (rope.theta) theta = rope.theta;
    config.rope_scaling = rope.scaling;
  }
  if (theta) config.rope_theta = *theta;
}

void check_heads(HfConfigReader& reader, const LlamaConfig& config) {
  MapReader& map = reader.map();
  if (map.has_errors()) return;  // a default would only seem not to fit
  if (config.heads % config.key_value_heads != 0) {
    map.refuse("num_key_value_heads", fmt::format("must divide num_attention_heads ({}), got {}",
                                                  config.heads, config.key_value_heads));
  }
  if (map.value("head_dim") == nullptr && config.hidden % config.heads != 0) {
    map.refuse("num_attention_heads",
               fmt::format("must divide hidden_size ({}) where there is no head_dim, got {}",
                           config.hidden, config.heads));
  } else if (config.head_size % 2 != 0) {
    map.refuse("head_dim",
               fmt::format("must be even for rotary positions, got {}", config.head_size));
  }
}

void skip_or_refuse(HfConfigReader& reader) {
  reader.require_value("hidden_act", "silu");
  reader.require_value("attention_bias", "false");
  reader.require_value("mlp_bias", "false");
  reader.require_value("attention_dropout", "0");
  reader.require_value("use_sliding_window", "false");
  // Slices the same products into pieces; the sums are the same.
  reader.ignore_keys({"pretraining_tp"});
  if (reader.map().value("pad_token_id") != nullptr) {
    reader.warn("pad_token_id",
                "pad_token_id is ignored: the row of this token is trained like any other");
  }
}

}  // namespace

LlamaConfig read_hf_llama(HfConfigReader& reader) {
  const LlamaConfig base;
  LlamaConfig config{
      .vocabulary = reader.value("vocab_size", base.vocabulary, kVocabularyRange),
      .positions = reader.value("max_position_embeddings", base.positions, kPositionsRange),
      .hidden = reader.value("hidden_size", base.hidden, kHiddenRange),
      .layers = reader.value("num_hidden_layers", base.layers, kLayersRange),
      .heads = reader.value("num_attention_heads", base.heads, kHeadsRange)};
  config.key_value_heads = reader.value("num_key_value_heads", config.heads, kHeadsRange);
  config.head_size = reader.value("head_dim", config.hidden / config.heads, kHeadSizeRange);
  config.mlp_width = reader.value("intermediate_size", base.mlp_width, kMlpWidthRange);
  config.norm_epsilon = reader.value("rms_norm_eps", base.norm_epsilon, kEpsilonRange);
  config.initializer_range =
      reader.value("initializer_range", base.initializer_range, kDeviationRange);
  config.tied_embeddings = reader.value("tie_word_embeddings", false);
  read_rotary(reader, config);
  check_heads(reader, config);
  skip_or_refuse(reader);
  return config;
}

}  // namespace galvatron
