#include "planner/model/hf_config_encoder.h"
#include "planner/model/hf_config_families.h"
#include "planner/model/hf_config_image.h"

namespace galvatron {
namespace {

void skip_or_refuse(HfConfigReader& reader) {
  check_problem_type(reader);
  // Of the pooler and of masked image modelling, which the classifier has not.
  reader.ignore_keys({"pooler_output_size", "pooler_act", "encoder_stride"});
}

}  // namespace

VitConfig read_hf_vit(HfConfigReader& reader) {
  VitConfig config;
  read_image_fields(reader, config);
  read_layer_sizes(reader, config);
  read_encoder_fields(reader, config);
  config.query_key_value_biases = reader.value("qkv_bias", config.query_key_value_biases);
  if (!reader.map().has_errors()) {  // a default would only seem not to fit
    check_layer_sizes(reader.map(), config);
    check_patch_size(reader, {config.image_height, config.image_width},
                     {config.patch_height, config.patch_width});
  }
  skip_or_refuse(reader);
  return config;
}

}  // namespace galvatron
