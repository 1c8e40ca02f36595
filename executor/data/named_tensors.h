// Finding Hugging Face's input tensors in a safetensors file.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "executor/weights/safetensors_file.h"

namespace galvatron {

// Throws SpecError if the file holds a tensor that is none of `names`: `reader` has no use for it.
void refuse_other_tensors(const SafetensorsFile& file, std::string_view reader,
                          std::span<const std::string_view> names);

// None if it is absent. Throws SpecError if it does not hold integers.
std::optional<TensorEntry> find_integers(const SafetensorsFile& file, std::string_view name);

// Throws SpecError if the tensor is there and has another shape.
void check_shape(const SafetensorsFile& file, const std::optional<TensorEntry>& tensor,
                 const std::vector<std::int64_t>& shape);

}  // namespace galvatron
