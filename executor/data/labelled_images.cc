#include "executor/data/labelled_images.h"

#include <fmt/format.h>

#include <array>

#include "executor/data/named_tensors.h"
#include "executor/weights/refuse_file.h"

namespace galvatron {
namespace {

constexpr std::array<std::string_view, 2> kNames = {"pixel_values", "labels"};

TensorEntry find_pixels(const SafetensorsFile& file, const std::vector<std::int64_t>& shape) {
  const TensorEntry* const pixels = find_tensor(file, kNames[0]);
  const std::string& path = file.file.path();
  if (pixels == nullptr) {
    refuse_file(path, "missing_tensor", "must hold a tensor \"pixel_values\"");
  }
  if (!is_weight_type(pixels->type)) {
    refuse_file(path, "wrong_dtype",
                fmt::format("tensor \"pixel_values\" must be F32, BF16 or F16, got {}",
                            name_of(kElementTypeNames, pixels->type)));
  }
  const bool fits =
      pixels->shape.size() == 4 &&
      std::vector<std::int64_t>(pixels->shape.begin() + 1, pixels->shape.end()) == shape;
  if (!fits || pixels->shape[0] == 0) {
    refuse_file(path, "wrong_shape",
                fmt::format("tensor \"pixel_values\" must be at least one image of {} (channels, "
                            "height, width), got {}",
                            shape_text(shape), shape_text(pixels->shape)));
  }
  return *pixels;
}

}  // namespace

LabelledImages open_labelled_images(const std::string& path,
                                    const std::vector<std::int64_t>& shape) {
  SafetensorsFile file = open_safetensors(path);
  refuse_other_tensors(file, "an image classifier", kNames);
  TensorEntry pixels = find_pixels(file, shape);
  std::optional<TensorEntry> labels = find_integers(file, kNames[1]);
  if (!labels) refuse_file(path, "missing_tensor", "must hold a tensor \"labels\"");
  const std::int64_t rows = pixels.shape[0];
  check_shape(file, labels, {rows});
  return {.file = std::move(file),
          .rows = rows,
          .pixel_values = std::move(pixels),
          .labels = *std::move(labels)};
}

std::vector<float> pixels_of(const LabelledImages& data, std::int64_t row) {
  const std::int64_t size = element_count(data.pixel_values.shape) / data.rows;
  std::vector<float> pixels(static_cast<std::size_t>(size));
  const std::array<ElementRange, 1> range{{{row * size, (row + 1) * size}}};
  read_floats(data.file, data.pixel_values, range, pixels);
  return pixels;
}

std::int64_t label_of(const LabelledImages& data, std::int64_t row) {
  return integer_at(data.labels.type, tensor_bytes(data.file, data.labels), row);
}

}  // namespace galvatron
