#include "executor/data/read_sample.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "executor/weights/refuse_file.h"

namespace galvatron {
namespace {

std::int64_t checked_id(const RowOf& what, std::int64_t id, std::string_view name,
                        std::int64_t position) {
  if (id >= 0 && id < what.limits.vocabulary) return id;
  refuse_file(what.path, "token_outside_vocabulary",
              fmt::format("{} id {} at position {} of row {} is outside the vocabulary of {}", name,
                          id, position, what.row, what.limits.vocabulary));
}

// The row of an optional tensor whose values are below `limit`; empty where it is absent.
std::vector<std::int64_t> small_numbers(const RowOf& what, const LabelledRows& data,
                                        const std::optional<TensorEntry>& tensor,
                                        std::int64_t limit) {
  std::vector<std::int64_t> values;
  if (!tensor) return values;
  for (std::int64_t position = 0; position < data.length; ++position) {
    const std::int64_t value = value_at(data, *tensor, what.row, position);
    if (value < 0 || value >= limit) {
      refuse_file(what.path, "wrong_value",
                  fmt::format("{} must be below {}, got {} at position {} of row {}", tensor->name,
                              limit, value, position, what.row));
    }
    values.push_back(value);
  }
  return values;
}

void refuse_hidden_tokens(const RowOf& what, const std::vector<std::int64_t>& seen) {
  const auto hidden = std::find(seen.begin(), seen.end(), 0);
  if (hidden == seen.end()) return;
  refuse_file(what.path, "hidden_token",
              fmt::format("attention_mask hides position {} of row {}; causal models attend to "
                          "whole rows, mark targets to ignore as {} in labels",
                          hidden - seen.begin(), what.row, kIgnoredTarget));
}

// 0 or 1, or not trained on.
std::int64_t next_sentence(const RowOf& what, const LabelledRows& data) {
  const TensorEntry& tensor = *data.next_sentence_label;
  const std::int64_t label = integer_at(tensor.type, tensor_bytes(data.file, tensor), what.row);
  if (label == 0 || label == 1 || label == kIgnoredTarget) return label;
  refuse_file(what.path, "wrong_value",
              fmt::format("next_sentence_label must be 0, 1 or {}, got {} in row {}",
                          kIgnoredTarget, label, what.row));
}

std::vector<std::int64_t> token_row(const RowOf& what, const LabelledRows& data) {
  std::vector<std::int64_t> ids;
  for (std::int64_t position = 0; position < data.length; ++position) {
    ids.push_back(
        checked_id(what, value_at(data, data.input_ids, what.row, position), "token", position));
  }
  return ids;
}

std::int64_t label_at(const RowOf& what, const LabelledRows& data, const TensorEntry& labels,
                      std::int64_t position) {
  const std::int64_t label = value_at(data, labels, what.row, position);
  return label == kIgnoredTarget ? label : checked_id(what, label, "label", position);
}

// Targets are padded to the decoder's length; it reads them shifted right by one.
Sample decoder_sample(const RowOf& what, const LabelledRows& data) {
  const auto length = static_cast<std::size_t>(what.limits.target_length);
  Sample sample{.tokens = token_row(what, data), .targets = {}};
  sample.seen = small_numbers(what, data, data.attention_mask, 2);
  for (std::int64_t position = 0; position < data.labels->shape[1]; ++position) {
    sample.targets.push_back(label_at(what, data, *data.labels, position));
  }
  sample.targets.resize(length, kIgnoredTarget);
  sample.decoder_tokens = {what.limits.start_token};
  for (std::size_t position = 0; position + 1 < length; ++position) {
    const std::int64_t target = sample.targets[position];
    sample.decoder_tokens.push_back(target == kIgnoredTarget ? what.limits.padding_token : target);
  }
  return sample;
}

}  // namespace

Sample read_sample(const RowOf& what, const TokenSequence& sequence) {
  const std::int64_t length = what.limits.sequence_length;
  const bool masks = masks_tokens(what.limits.objective);
  std::vector<std::int64_t> ids;
  for (std::int64_t position = 0; position < length + (masks ? 0 : 1); ++position) {
    ids.push_back(
        checked_id(what, token_at(sequence, what.row * length + position), "token", position));
  }
  if (masks) {
    return masked_sample(std::move(ids),
                         random_stream(what.limits.masking_seed, "masked tokens", what.row));
  }
  return {.tokens = {ids.begin(), ids.end() - 1}, .targets = {ids.begin() + 1, ids.end()}};
}

Sample read_sample(const RowOf& what, const LabelledRows& data) {
  if (what.limits.objective == Objective::target_sequence) return decoder_sample(what, data);
  const bool masks = masks_tokens(what.limits.objective);
  const TensorEntry& labels = data.labels ? *data.labels : data.input_ids;
  Sample sample{.tokens = token_row(what, data), .targets = {}};
  sample.seen = small_numbers(what, data, data.attention_mask, 2);
  if (!masks) {
    refuse_hidden_tokens(what, sample.seen);
    sample.seen.clear();
  }
  for (std::int64_t position = 0; position < data.length; ++position) {
    const std::int64_t label = label_at(what, data, labels, position);
    if (masks || position > 0) sample.targets.push_back(label);
  }
  if (!masks) sample.targets.push_back(kIgnoredTarget);
  sample.token_types = small_numbers(what, data, data.token_type_ids, what.limits.token_types);
  if (data.next_sentence_label) sample.next_sentence = {next_sentence(what, data)};
  return sample;
}

Sample read_sample(const RowOf& what, const LabelledImages& data) {
  const std::int64_t label = label_of(data, what.row);
  if (label != kIgnoredTarget && (label < 0 || label >= what.limits.vocabulary)) {
    refuse_file(what.path, "wrong_value",
                fmt::format("labels must be below {}, the number of classes, got {} in row {}",
                            what.limits.vocabulary, label, what.row));
  }
  return {.tokens = {}, .targets = {label}, .pixels = pixels_of(data, what.row)};
}

}  // namespace galvatron
