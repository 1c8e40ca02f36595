// Rows of a safetensors file with Hugging Face's input names.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "executor/weights/safetensors_file.h"

namespace galvatron {

struct LabelledRows {
  SafetensorsFile file;
  std::int64_t rows = 0;
  std::int64_t length = 0;
  // Integers of shape [rows, length].
  TensorEntry input_ids;
  std::optional<TensorEntry> labels;          // absent: the input itself
  std::optional<TensorEntry> attention_mask;  // must be one everywhere; seen when a row is read
};

// Throws SpecError if input_ids is missing, a tensor is of no use to a causal language model, or
// types or shapes do not match.
LabelledRows open_labelled_rows(const std::string& path);

// Element [row, position] of a tensor of the file.
std::int64_t value_at(const LabelledRows& data, const TensorEntry& tensor, std::int64_t row,
                      std::int64_t position);

}  // namespace galvatron
