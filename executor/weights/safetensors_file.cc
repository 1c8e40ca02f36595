#include "executor/weights/safetensors_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <utility>

#include "executor/weights/refuse_file.h"

namespace galvatron {

SafetensorsFile open_safetensors(std::string path) {
  MappedFile file(std::move(path));
  auto tensors = parse_safetensors_header(file.path(), file.bytes());
  return {.file = std::move(file), .tensors = std::move(tensors)};
}

const TensorEntry* find_tensor(const SafetensorsFile& file, std::string_view name) {
  const auto found =
      std::find_if(file.tensors.begin(), file.tensors.end(),
                   [name](const TensorEntry& tensor) { return tensor.name == name; });
  return found == file.tensors.end() ? nullptr : &*found;
}

std::span<const std::byte> tensor_bytes(const SafetensorsFile& file, const TensorEntry& tensor) {
  return file.file.bytes().subspan(static_cast<std::size_t>(tensor.begin),
                                   static_cast<std::size_t>(tensor.end - tensor.begin));
}

void read_floats(const SafetensorsFile& file, const TensorEntry& tensor,
                 std::span<const ElementRange> ranges, std::span<float> values) {
  if (!is_weight_type(tensor.type)) {
    refuse_file(file.file.path(), "wrong_dtype",
                fmt::format("tensor \"{}\" must be F32, BF16 or F16, got {}", tensor.name,
                            name_of(kElementTypeNames, tensor.type)));
  }
  const std::span<const std::byte> bytes = tensor_bytes(file, tensor);
  const auto size = static_cast<std::size_t>(element_bytes(tensor.type));
  for (const ElementRange& range : ranges) {
    const auto count = static_cast<std::size_t>(element_count(range));
    const std::size_t begin = static_cast<std::size_t>(range.begin) * size;
    assert(count <= values.size() && begin + count * size <= bytes.size());
    to_floats(tensor.type, bytes.subspan(begin, count * size), values.first(count));
    values = values.subspan(count);
  }
  std::fill(values.begin(), values.end(), 0.0F);
}

}  // namespace galvatron
