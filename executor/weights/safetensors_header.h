// The table of contents of a safetensors file.
//
//   8 bytes   length n of the header, little-endian
//   n bytes   JSON {"__metadata__": {text: text}, name: {"dtype", "shape", "data_offsets"}, ...},
//             padded with spaces so that the data begin at a multiple of 8
//   the rest  the tensors without gaps; data_offsets count from the first byte of the data
//
// The order of the tensors is that of the reference implementation: element size, largest first,
// then name. Readers must not rely on it, nor on any alignment of a tensor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "executor/weights/element_type.h"

namespace galvatron {

struct TensorEntry {
  std::string name;
  ElementType type = ElementType::f32;
  std::vector<std::int64_t> shape;
  std::int64_t begin = 0;  // bytes from the start of the file
  std::int64_t end = 0;

  bool operator==(const TensorEntry&) const = default;
};

// Longer headers are refused, as by the reference implementation.
inline constexpr std::int64_t kLongestHeader = 100'000'000;

// The tensors of a file in the order of their bytes.
//
// Throws SpecError unless the tensors fill the data exactly, without overlap, gap or rest, each as
// large as its shape and type say. Positions in such an error count from the header's `{`.
std::vector<TensorEntry> parse_safetensors_header(const std::string& path,
                                                  std::span<const std::byte> file);

// "[2, 3]"
std::string shape_text(std::span<const std::int64_t> shape);

}  // namespace galvatron
