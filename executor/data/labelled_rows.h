// Rows of a safetensors file with Hugging Face's input names.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "executor/data/sample.h"
#include "executor/weights/safetensors_file.h"

namespace galvatron {

struct LabelledRows {
  SafetensorsFile file;
  std::int64_t rows = 0;
  std::int64_t length = 0;
  // Integers of shape [rows, length]; labels of a decoder have a length of their own.
  TensorEntry input_ids;
  std::optional<TensorEntry> labels;
  std::optional<TensorEntry> attention_mask;
  std::optional<TensorEntry> token_type_ids;
  std::optional<TensorEntry> next_sentence_label;  // [rows]
};

// Throws SpecError if input_ids, or labels that the objective cannot do without, are missing, if a
// tensor is of no use to the objective, or if types or shapes do not match.
LabelledRows open_labelled_rows(const std::string& path, Objective objective);

// Element [row, position] of a tensor of the file.
std::int64_t value_at(const LabelledRows& data, const TensorEntry& tensor, std::int64_t row,
                      std::int64_t position);

}  // namespace galvatron
