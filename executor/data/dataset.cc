#include "executor/data/dataset.h"

#include <fmt/format.h>

#include <cassert>
#include <stdexcept>
#include <utility>

#include "executor/data/read_sample.h"
#include "executor/weights/refuse_file.h"

namespace galvatron {
namespace {

Dataset make_dataset(const DataSource& source, const RowLimits& limits, TokenSequence sequence) {
  const std::int64_t length = limits.sequence_length;
  const std::int64_t targets = masks_tokens(limits.objective) ? 0 : 1;
  if (sequence.tokens < length + targets) {
    refuse_file(sequence.file.path(), "too_short",
                fmt::format("one row needs {} tokens (sequence length {}{}), the file has {}",
                            length + targets, length, targets == 1 ? " and one target more" : "",
                            sequence.tokens));
  }
  const std::int64_t rows = (sequence.tokens - targets) / length;
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
  if (limits.objective == Objective::target_sequence &&
      data.labels->shape[1] > limits.target_length) {
    refuse_file(source.path, "wrong_shape",
                fmt::format("the rows of labels must have at most {} tokens, the target sequence "
                            "length, got {}",
                            limits.target_length, data.labels->shape[1]));
  }
  const std::int64_t rows = data.rows;
  return {.path = source.path, .limits = limits, .rows = rows, .content = std::move(data)};
}

// What only safetensors can bring.
void check_format(const DataSource& source, const RowLimits& limits) {
  if (source.format == DataFormat::safetensors) return;
  const auto refuse = [&](const char* needs) {
    refuse_file(source.path, "data_format",
                fmt::format("{} data cannot train this model: it needs safetensors with {}",
                            name_of(kDataFormatNames, source.format), needs));
  };
  switch (limits.objective) {
    case Objective::next_token:
      return;
    case Objective::masked_token:
      if (source.format != DataFormat::text) refuse("input_ids and labels, or text");
      if (limits.vocabulary <= kMaskOfBytes) {
        refuse_file(
            source.path, "data_format",
            fmt::format("text as bytes and a mask needs a vocabulary of at least {}, got {}",
                        kMaskOfBytes + 1, limits.vocabulary));
      }
      return;
    case Objective::sentence_pair:
      return refuse("input_ids, labels and next_sentence_label");
    case Objective::image_class:
      return refuse("pixel_values and labels");
    case Objective::target_sequence:
      return refuse("input_ids and labels");
  }
}

Dataset open_images(const DataSource& source, const RowLimits& limits) {
  LabelledImages images = open_labelled_images(source.path, limits.image_shape);
  const std::int64_t rows = images.rows;
  return {.path = source.path, .limits = limits, .rows = rows, .content = std::move(images)};
}

}  // namespace

Dataset open_dataset(const DataSource& source, const RowLimits& limits) {
  assert(limits.sequence_length > 0);
  check_format(source, limits);
  switch (source.format) {
    case DataFormat::text:
      return make_dataset(source, limits, open_text(source.path));
    case DataFormat::llmc:
      return make_dataset(source, limits, open_llmc(source.path));
    case DataFormat::megatron:
      return make_dataset(source, limits, open_megatron(source.path));
    case DataFormat::safetensors:
      if (limits.objective == Objective::image_class) return open_images(source, limits);
      return make_dataset(source, limits, open_labelled_rows(source.path, limits.objective));
  }
  throw std::logic_error("unknown data format");
}

Sample read_row(const Dataset& dataset, std::int64_t row) {
  assert(row >= 0 && row < dataset.rows);
  const RowOf what{.path = dataset.path, .limits = dataset.limits, .row = row};
  return std::visit([&](const auto& content) { return read_sample(what, content); },
                    dataset.content);
}

}  // namespace galvatron
