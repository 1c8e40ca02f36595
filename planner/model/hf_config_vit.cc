#include <fmt/format.h>

#include "planner/model/hf_config_families.h"
#include "planner/model/hf_config_image.h"
#include "planner/model/model_limits.h"

namespace galvatron {
namespace {

void check_sizes(HfConfigReader& reader, const VitConfig& config) {
  MapReader& map = reader.map();
  if (map.has_errors()) return;  // a default would only seem not to fit
  if (config.hidden % config.heads != 0) {
    map.refuse("num_attention_heads",
               fmt::format("must divide hidden_size ({}), got {}", config.hidden, config.heads));
  }
  check_patch_size(reader, {config.image_height, config.image_width},
                   {config.patch_height, config.patch_width});
}

void skip_or_refuse(HfConfigReader& reader) {
  check_problem_type(reader);
  // Of the pooler and of masked image modelling, which the classifier has not.
  reader.ignore_keys({"pooler_output_size", "pooler_act", "encoder_stride"});
}

}  // namespace

VitConfig read_hf_vit(HfConfigReader& reader) {
  const VitConfig base;
  const ImageSize image = read_image_size(reader, "image_size", base.image_height);
  const ImageSize patch = read_image_size(reader, "patch_size", base.patch_height);
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
