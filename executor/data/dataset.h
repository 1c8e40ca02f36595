// Training data as numbered rows of tokens and targets, for causal language models.
//
// Files of tokens (text, llm.c, Megatron): row i is tokens i S … i S + S - 1, its targets the same
// shifted by one, so that every token but the first is a target once. Files of rows (safetensors):
// row i is theirs; as in Hugging Face position t is trained on label t + 1, which leaves S - 1
// targets.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "executor/data/data_source.h"
#include "executor/data/labelled_rows.h"
#include "executor/data/token_sequence.h"

namespace galvatron {

// The target of a position that is not trained on.
inline constexpr std::int64_t kIgnoredTarget = -100;

// What the model takes.
struct RowLimits {
  std::int64_t sequence_length = 0;  // S, tokens of a row
  std::int64_t vocabulary = 0;       // ids are below it
};

struct Dataset {
  std::string path;
  RowLimits limits;
  std::int64_t rows = 0;  // at least one
  std::variant<TokenSequence, LabelledRows> content;
};

struct Row {
  std::vector<std::int64_t> tokens;   // [S]
  std::vector<std::int64_t> targets;  // [S]: ids, or kIgnoredTarget

  bool operator==(const Row&) const = default;
};

// Throws SpecError if the file is malformed, too short for one row, or has rows of another length.
Dataset open_dataset(const DataSource& source, const RowLimits& limits);

// Requires 0 <= row < rows. Throws SpecError if an id is not below the vocabulary or an attention
// mask hides a token.
Row read_row(const Dataset& dataset, std::int64_t row);

}  // namespace galvatron
