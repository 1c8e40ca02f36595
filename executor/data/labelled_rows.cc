#include "executor/data/labelled_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "executor/weights/refuse_file.h"

namespace galvatron {
namespace {

constexpr std::array<std::string_view, 3> kNames = {"input_ids", "labels", "attention_mask"};

void refuse_unused_tensors(const SafetensorsFile& file) {
  for (const TensorEntry& tensor : file.tensors) {
    if (std::find(kNames.begin(), kNames.end(), tensor.name) == kNames.end()) {
      refuse_file(file.file.path(), "unknown_tensor",
                  fmt::format("a causal language model reads {}, the file also has \"{}\"",
                              fmt::join(kNames, ", "), tensor.name));
    }
  }
}

std::optional<TensorEntry> find_rows(const SafetensorsFile& file, std::string_view name) {
  const TensorEntry* const tensor = find_tensor(file, name);
  if (tensor == nullptr) return std::nullopt;
  if (!is_integer_type(tensor->type)) {
    refuse_file(file.file.path(), "wrong_dtype",
                fmt::format("tensor \"{}\" must hold whole numbers, got {}", name,
                            name_of(kElementTypeNames, tensor->type)));
  }
  return *tensor;
}

void check_shape(const SafetensorsFile& file, const std::optional<TensorEntry>& tensor,
                 const TensorEntry& input_ids) {
  if (!tensor || tensor->shape == input_ids.shape) return;
  refuse_file(file.file.path(), "wrong_shape",
              fmt::format("tensor \"{}\" must have the shape of input_ids, {}, got {}",
                          tensor->name, shape_text(input_ids.shape), shape_text(tensor->shape)));
}

}  // namespace

LabelledRows open_labelled_rows(const std::string& path) {
  SafetensorsFile file = open_safetensors(path);
  refuse_unused_tensors(file);
  std::optional<TensorEntry> input_ids = find_rows(file, "input_ids");
  if (!input_ids) refuse_file(path, "missing_tensor", "must hold a tensor \"input_ids\"");
  if (input_ids->shape.size() != 2) {
    refuse_file(path, "wrong_shape",
                fmt::format("tensor \"input_ids\" must have shape [rows, sequence], got {}",
                            shape_text(input_ids->shape)));
  }
  std::optional<TensorEntry> labels = find_rows(file, "labels");
  std::optional<TensorEntry> mask = find_rows(file, "attention_mask");
  check_shape(file, labels, *input_ids);
  check_shape(file, mask, *input_ids);
  const std::int64_t rows = input_ids->shape[0];
  const std::int64_t length = input_ids->shape[1];
  return {.file = std::move(file),
          .rows = rows,
          .length = length,
          .input_ids = *std::move(input_ids),
          .labels = std::move(labels),
          .attention_mask = std::move(mask)};
}

std::int64_t value_at(const LabelledRows& data, const TensorEntry& tensor, std::int64_t row,
                      std::int64_t position) {
  return integer_at(tensor.type, tensor_bytes(data.file, tensor), row * data.length + position);
}

}  // namespace galvatron
