// What the config.json files of image classifiers have in common.
#pragma once

#include <cstdint>

#include "planner/model/hf_config_reader.h"
#include "planner/model/model_limits.h"

namespace galvatron {

struct ImageSize {
  std::int64_t height = 0;
  std::int64_t width = 0;
};

// One number for a square, or [height, width].
ImageSize read_image_size(HfConfigReader& reader, const char* key, std::int64_t fallback);

// The length of id2label; without it `num_labels`, of which a file may also speak.
std::int64_t read_classes(HfConfigReader& reader);

template <typename Config>
void read_image_fields(HfConfigReader& reader, Config& config) {
  const ImageSize image = read_image_size(reader, "image_size", config.image_height);
  const ImageSize patch = read_image_size(reader, "patch_size", config.patch_height);
  config.image_height = image.height;
  config.image_width = image.width;
  config.patch_height = patch.height;
  config.patch_width = patch.width;
  config.channels = reader.value("num_channels", config.channels, kImageRange);
  config.classes = read_classes(reader);
}

// `patch` must be at most `image`.
void check_patch_size(HfConfigReader& reader, const ImageSize& image, const ImageSize& patch);

// Refuses another loss than the cross-entropy of one label.
void check_problem_type(HfConfigReader& reader);

}  // namespace galvatron
