// Images of a safetensors file with Hugging Face's input names.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "executor/weights/safetensors_file.h"

namespace galvatron {

struct LabelledImages {
  SafetensorsFile file;
  std::int64_t rows = 0;
  TensorEntry pixel_values;  // [rows, channels, height, width], a floating-point type
  TensorEntry labels;        // [rows], integers
};

// Throws SpecError unless the file holds just these two tensors and the images have `shape`
// [channels, height, width].
LabelledImages open_labelled_images(const std::string& path,
                                    const std::vector<std::int64_t>& shape);

std::vector<float> pixels_of(const LabelledImages& data, std::int64_t row);
std::int64_t label_of(const LabelledImages& data, std::int64_t row);

}  // namespace galvatron
