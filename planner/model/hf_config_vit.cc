#include <fmt/format.h>

#include "planner/model/hf_config_families.h"
#include "planner/model/model_limits.h"

namespace galvatron {
namespace {

struct Size {
  std::int64_t height = 0;
  std::int64_t width = 0;
};

// One number for a square, or [height, width].
Size read_size(HfConfigReader& reader, const char* key, std::int64_t fallback) {
  const Node* value = reader.map().value(key);
  if (value == nullptr || value->kind != Node::Kind::sequence) {
    const std::int64_t side = reader.value(key, fallback, kImageRange);
    return {side, side};
  }
  const auto sides = reader.map().optional_list<std::int64_t>(key, kImageRange);
  if (sides && sides->size() == 2) return {sides->front(), sides->back()};
  reader.map().refuse(key, "must be a number or [height, width]");
  return {fallback, fallback};
}

// The length of id2label; without it `num_labels`, of which a file may also speak.
std::int64_t read_classes(HfConfigReader& reader) {
  const std::int64_t stated = reader.value<std::int64_t>("num_labels", 2, kVocabularyRange);
  const Node* labels = reader.map().value("id2label");
  const std::int64_t classes =
      labels == nullptr ? stated : static_cast<std::int64_t>(labels->entries.size());
  if (classes < 2) {
    reader.map().refuse("id2label", fmt::format("must name at least 2 classes, got {}: regression "
                                                "is not supported",
                                                classes));
  }
  return classes;
}

void check_sizes(HfConfigReader& reader, const VitConfig& config) {
  MapReader& map = reader.map();
  if (map.has_errors()) return;  // a default would only seem not to fit
  if (config.hidden % config.heads != 0) {
    map.refuse("num_attention_heads",
               fmt::format("must divide hidden_size ({}), got {}", config.hidden, config.heads));
  }
  if (config.patch_height > config.image_height || config.patch_width > config.image_width) {
    map.refuse("patch_size",
               fmt::format("must be at most image_size ({} x {}), got {} x {}", config.image_height,
                           config.image_width, config.patch_height, config.patch_width));
  }
}

void skip_or_refuse(HfConfigReader& reader) {
  reader.require_value("problem_type", "single_label_classification");
  // Of the pooler and of masked image modelling, which the classifier has not.
  reader.ignore_keys({"pooler_output_size", "pooler_act", "encoder_stride"});
}

}  // namespace

VitConfig read_hf_vit(HfConfigReader& reader) {
  const VitConfig base;
  const Size image = read_size(reader, "image_size", base.image_height);
  const Size patch = read_size(reader, "patch_size", base.patch_height);
  VitConfig config{
      .image_height = image.height,
      .image_width = image.width,
      .patch_height = patch.height,
      .patch_width = patch.width,
      .channels = reader.value("num_channels", base.channels, kImageRange),
      .classes = read_classes(reader),
      .hidden = reader.value("hidden_size", base.hidden, kHiddenRange),
      .layers = reader.value("num_hidden_layers", base.layers, kLayersRange),
      .heads = reader.value("num_attention_heads", base.heads, kHeadsRange),
      .mlp_width = reader.value<std::int64_t>("intermediate_size", 3072, kMlpWidthRange),
      .activation = reader.map().optional("hidden_act", kActivationNames).value_or(base.activation),
      .norm_epsilon = reader.value("layer_norm_eps", base.norm_epsilon, kEpsilonRange),
      .initializer_range =
          reader.value("initializer_range", base.initializer_range, kDeviationRange),
      .hidden_dropout = reader.value("hidden_dropout_prob", base.hidden_dropout, kDropoutRange),
      .attention_dropout =
          reader.value("attention_probs_dropout_prob", base.attention_dropout, kDropoutRange),
      .query_key_value_biases = reader.value("qkv_bias", true)};
  check_sizes(reader, config);
  skip_or_refuse(reader);
  return config;
}

}  // namespace galvatron
