#include "executor/data/dataset.h"

#include <fmt/format.h>

#include <cassert>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "executor/weights/refuse_file.h"

namespace galvatron {
namespace {

// Where a number stands, for errors.
struct Place {
  std::string_view name;  // "token" or "label"
  std::int64_t row = 0;
  std::int64_t position = 0;
};

std::int64_t checked_id(const Dataset& dataset, std::int64_t id, const Place& place) {
  const std::int64_t vocabulary = dataset.limits.vocabulary;
  if (id < 0 || id >= vocabulary) {
    refuse_file(dataset.path, "token_outside_vocabulary",
                fmt::format("{} id {} at position {} of row {} is outside the vocabulary of {}",
                            place.name, id, place.position, place.row, vocabulary));
  }
  return id;
}

Row read_content(const Dataset& dataset, const TokenSequence& sequence, std::int64_t row) {
  const std::int64_t length = dataset.limits.sequence_length;
  Row result;
  for (std::int64_t position = 0; position <= length; ++position) {
    const std::int64_t id = checked_id(dataset, token_at(sequence, row * length + position),
                                       {.name = "token", .row = row, .position = position});
    if (position < length) result.tokens.push_back(id);
    if (position > 0) result.targets.push_back(id);
  }
  return result;
}

void refuse_hidden_tokens(const Dataset& dataset, const LabelledRows& data, std::int64_t row) {
  if (!data.attention_mask) return;
  for (std::int64_t position = 0; position < data.length; ++position) {
    if (value_at(data, *data.attention_mask, row, position) != 1) {
      refuse_file(dataset.path, "hidden_token",
                  fmt::format("attention_mask hides position {} of row {}; causal models attend to "
                              "whole rows, mark targets to ignore as {} in labels",
                              position, row, kIgnoredTarget));
    }
  }
}

Row read_content(const Dataset& dataset, const LabelledRows& data, std::int64_t row) {
  refuse_hidden_tokens(dataset, data, row);
  const TensorEntry& labels = data.labels ? *data.labels : data.input_ids;
  Row result;
  for (std::int64_t position = 0; position < data.length; ++position) {
    result.tokens.push_back(checked_id(dataset, value_at(data, data.input_ids, row, position),
                                       {.name = "token", .row = row, .position = position}));
    const std::int64_t label = value_at(data, labels, row, position);
    if (label != kIgnoredTarget) {
      checked_id(dataset, label, {.name = "label", .row = row, .position = position});
    }
    if (position > 0) result.targets.push_back(label);
  }
  result.targets.push_back(kIgnoredTarget);
  return result;
}

Dataset make_dataset(const DataSource& source, const RowLimits& limits, TokenSequence sequence) {
  const std::int64_t length = limits.sequence_length;
  const std::int64_t rows = (sequence.tokens - 1) / length;
  if (sequence.tokens < length + 1) {
    refuse_file(sequence.file.path(), "too_short",
                fmt::format("one row needs {} tokens (sequence length {} and one target more), the "
                            "file has {}",
                            length + 1, length, sequence.tokens));
  }
  return {.path = source.path, .limits = limits, .rows = rows, .content = std::move(sequence)};
}

Dataset make_dataset(const DataSource& source, const RowLimits& limits, LabelledRows data) {
  if (data.rows == 0) refuse_file(source.path, "too_short", "input_ids must have at least one row");
  if (data.length != limits.sequence_length) {
    refuse_file(
        source.path, "wrong_shape",
        fmt::format("the rows of input_ids must have {} tokens, the sequence length, got {}",
                    limits.sequence_length, data.length));
  }
  const std::int64_t rows = data.rows;
  return {.path = source.path, .limits = limits, .rows = rows, .content = std::move(data)};
}

}  // namespace

Dataset open_dataset(const DataSource& source, const RowLimits& limits) {
  assert(limits.sequence_length > 0);
  switch (source.format) {
    case DataFormat::text:
      return make_dataset(source, limits, open_text(source.path));
    case DataFormat::llmc:
      return make_dataset(source, limits, open_llmc(source.path));
    case DataFormat::megatron:
      return make_dataset(source, limits, open_megatron(source.path));
    case DataFormat::safetensors:
      return make_dataset(source, limits, open_labelled_rows(source.path));
  }
  throw std::logic_error("unknown data format");
}

Row read_row(const Dataset& dataset, std::int64_t row) {
  assert(row >= 0 && row < dataset.rows);
  return std::visit([&](const auto& content) { return read_content(dataset, content, row); },
                    dataset.content);
}

}  // namespace galvatron
