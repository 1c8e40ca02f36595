#include "planner/model/hf_config_families.h"
#include "planner/model/hf_config_image.h"
#include "planner/model/model_limits.h"
#include "planner/model/swin_sizes.h"

namespace galvatron {
namespace {

constexpr SwinKeys kKeys{.hidden = "embed_dim",
                         .depths = "depths",
                         .heads = "num_heads",
                         .window = "window_size",
                         .mlp_ratio = "mlp_ratio"};

std::vector<std::int64_t> read_list(HfConfigReader& reader, const char* key,
                                    const std::vector<std::int64_t>& fallback) {
  return reader.map().optional_list<std::int64_t>(key, kLayersRange).value_or(fallback);
}

void skip_or_refuse(HfConfigReader& reader) {
  check_problem_type(reader);
  // transformers 4.57 makes one position too many and fails.
  reader.require_value("use_absolute_embeddings", "false");
  // Follow from the others, or are of masked image modelling and of backbones.
  reader.ignore_keys({"num_layers", "num_hidden_layers", "num_attention_heads", "hidden_size",
                      "encoder_stride", "stage_names", "out_features", "out_indices", "path_norm"});
}

}  // namespace

SwinConfig read_hf_swin(HfConfigReader& reader) {
  const SwinConfig base;
  const ImageSize image = read_image_size(reader, "image_size", base.image_height);
  const ImageSize patch = read_image_size(reader, "patch_size", base.patch_height);
  SwinConfig config{
      .image_height = image.height,
      .image_width = image.width,
      .patch_height = patch.height,
      .patch_width = patch.width,
      .channels = reader.value("num_channels", base.channels, kImageRange),
      .classes = read_classes(reader),
      .hidden = reader.value(kKeys.hidden, base.hidden, kHiddenRange),
      .depths = read_list(reader, kKeys.depths, base.depths),
      .heads = read_list(reader, kKeys.heads, base.heads),
      .window = reader.value(kKeys.window, base.window, kImageRange),
      .mlp_ratio = reader.value(kKeys.mlp_ratio, base.mlp_ratio, kMlpRatioRange),
      .activation = reader.map().optional("hidden_act", kActivationNames).value_or(base.activation),
      .norm_epsilon = reader.value("layer_norm_eps", base.norm_epsilon, kEpsilonRange),
      .initializer_range =
          reader.value("initializer_range", base.initializer_range, kDeviationRange),
      .hidden_dropout = reader.value("hidden_dropout_prob", base.hidden_dropout, kDropoutRange),
      .attention_dropout =
          reader.value("attention_probs_dropout_prob", base.attention_dropout, kDropoutRange),
      .path_dropout = reader.value("drop_path_rate", base.path_dropout, kDropoutRange),
      .query_key_value_biases = reader.value("qkv_bias", base.query_key_value_biases)};
  check_patch_size(reader, image, patch);
  if (!reader.map().has_errors()) check_swin_sizes(reader.map(), config, kKeys);
  skip_or_refuse(reader);
  return config;
}

}  // namespace galvatron
