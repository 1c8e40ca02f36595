#include "executor/data/named_tensors.h"

#include <fmt/format.h>

#include <algorithm>

#include "executor/weights/refuse_file.h"

namespace galvatron {

void refuse_other_tensors(const SafetensorsFile& file, std::string_view reader,
                          std::span<const std::string_view> names) {
  for (const TensorEntry& tensor : file.tensors) {
    if (std::find(names.begin(), names.end(), tensor.name) != names.end()) continue;
    refuse_file(file.file.path(), "unknown_tensor",
                fmt::format("{} reads {}, the file also has \"{}\"", reader,
                            fmt::join(names.begin(), names.end(), ", "), tensor.name));
  }
}

std::optional<TensorEntry> find_integers(const SafetensorsFile& file, std::string_view name) {
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
                 const std::vector<std::int64_t>& shape) {
  if (!tensor || tensor->shape == shape) return;
  refuse_file(file.file.path(), "wrong_shape",
              fmt::format("tensor \"{}\" must have shape {}, got {}", tensor->name,
                          shape_text(shape), shape_text(tensor->shape)));
}

}  // namespace galvatron
