#include "planner/model/hf_config_encoder.h"
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
  SwinConfig config;
  read_image_fields(reader, config);
  config.hidden = reader.value(kKeys.hidden, config.hidden, kHiddenRange);
  config.depths = read_list(reader, kKeys.depths, config.depths);
  config.heads = read_list(reader, kKeys.heads, config.heads);
  config.window = reader.value(kKeys.window, config.window, kImageRange);
  config.mlp_ratio = reader.value(kKeys.mlp_ratio, config.mlp_ratio, kMlpRatioRange);
  read_encoder_fields(reader, config);
  config.path_dropout = reader.value("drop_path_rate", config.path_dropout, kDropoutRange);
  config.query_key_value_biases = reader.value("qkv_bias", config.query_key_value_biases);
  check_patch_size(reader, {config.image_height, config.image_width},
                   {config.patch_height, config.patch_width});
  if (!reader.map().has_errors()) check_swin_sizes(reader.map(), config, kKeys);
  skip_or_refuse(reader);
  return config;
}

}  // namespace galvatron
