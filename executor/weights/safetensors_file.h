// Tensors of one safetensors file, read in pieces: only the bytes asked for are touched.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "executor/weights/element_range.h"
#include "executor/weights/mapped_file.h"
#include "executor/weights/safetensors_header.h"

namespace galvatron {

struct SafetensorsFile {
  MappedFile file;
  std::vector<TensorEntry> tensors;  // in the order of their bytes
};

// Throws SpecError if the file cannot be opened or is malformed.
SafetensorsFile open_safetensors(std::string path);

// Null if the file has no tensor of this name.
const TensorEntry* find_tensor(const SafetensorsFile& file, std::string_view name);

// The bytes of the tensor's elements.
std::span<const std::byte> tensor_bytes(const SafetensorsFile& file, const TensorEntry& tensor);

// Fills `values` with the elements of `ranges` one after another; what remains is padding, zero.
//
// Requires a tensor of `file`, ranges inside it and at most as many elements as values.
// Throws SpecError if the tensor is not F32, BF16 or F16.
void read_floats(const SafetensorsFile& file, const TensorEntry& tensor,
                 std::span<const ElementRange> ranges, std::span<float> values);

}  // namespace galvatron
