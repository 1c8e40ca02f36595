// Training data as numbered samples.
//
// Files of tokens (text, llm.c, Megatron): row i is tokens i S … i S + S - 1, its targets the same
// shifted by one, so that every token but the first is a target once. A masked language model
// takes text alone: what its mask is, other files do not say. Files of rows (safetensors): row i is
// theirs; as in Hugging Face a causal model trains position t on label t + 1, which leaves S - 1
// targets, the others position t on label t, or an image on its label. A decoder reads the labels
// shifted right by one.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "executor/data/data_source.h"
#include "executor/data/labelled_images.h"
#include "executor/data/labelled_rows.h"
#include "executor/data/sample.h"
#include "executor/data/token_sequence.h"

namespace galvatron {

// What the model takes.
struct RowLimits {
  std::int64_t sequence_length = 0;  // S, tokens of a row
  std::int64_t vocabulary = 0;       // ids are below it; of images: their classes
  Objective objective = Objective::next_token;
  std::int64_t token_types = 1;             // types are below it
  std::vector<std::int64_t> image_shape{};  // [channels, height, width]
  std::uint64_t masking_seed = 0;           // of text for masked language models
  std::int64_t target_length = 0;           // tokens of a decoder's row; shorter labels are padded
  std::int64_t start_token = 0;             // what a decoder's row begins with
  std::int64_t padding_token = 0;           // what it reads where the label is ignored
};

struct Dataset {
  std::string path;
  RowLimits limits;
  std::int64_t rows = 0;  // at least one
  std::variant<TokenSequence, LabelledRows, LabelledImages> content;
};

// Throws SpecError if the file is malformed, too short for one row, has rows of another length or
// is of no use for the objective.
Dataset open_dataset(const DataSource& source, const RowLimits& limits);

// Requires 0 <= row < rows. Throws SpecError if an id is not below its limit, or an attention mask
// hides a token from a causal model.
Sample read_row(const Dataset& dataset, std::int64_t row);

}  // namespace galvatron
