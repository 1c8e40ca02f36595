#include "executor/data/labelled_rows.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>
#include <vector>

#include "executor/data/named_tensors.h"
#include "executor/weights/refuse_file.h"

namespace galvatron {
namespace {

std::string_view reader_of(Objective objective) {
  if (masks_tokens(objective)) return "a masked language model";
  return objective == Objective::target_sequence ? "an encoder-decoder" : "a causal language model";
}

void refuse_unused_tensors(const SafetensorsFile& file, Objective objective) {
  std::vector<std::string_view> names{"input_ids", "labels", "attention_mask"};
  if (masks_tokens(objective)) names.emplace_back("token_type_ids");
  if (objective == Objective::sentence_pair) names.emplace_back("next_sentence_label");
  refuse_other_tensors(file, reader_of(objective), names);
}

// Only what predicts the tokens after can take its targets from the input.
void require_labels(const LabelledRows& data, Objective objective) {
  if (masks_tokens(objective) && !data.labels) {
    refuse_file(data.file.file.path(), "missing_tensor",
                "must hold a tensor \"labels\": the tokens that were masked, elsewhere -100");
  }
  if (objective == Objective::target_sequence && !data.labels) {
    refuse_file(data.file.file.path(), "missing_tensor",
                "must hold a tensor \"labels\": the tokens that the decoder makes");
  }
  if (objective == Objective::sentence_pair && !data.next_sentence_label) {
    refuse_file(data.file.file.path(), "missing_tensor",
                "must hold a tensor \"next_sentence_label\" for the model's next-sentence head");
  }
}

// As many as the other rows have tokens or, of a decoder, any number.
void check_labels(const LabelledRows& data, Objective objective) {
  std::vector<std::int64_t> shape{data.rows, data.length};
  if (objective == Objective::target_sequence && data.labels && data.labels->shape.size() == 2) {
    shape[1] = data.labels->shape[1];
  }
  check_shape(data.file, data.labels, shape);
}

}  // namespace

LabelledRows open_labelled_rows(const std::string& path, Objective objective) {
  SafetensorsFile file = open_safetensors(path);
  refuse_unused_tensors(file, objective);
  std::optional<TensorEntry> input_ids = find_integers(file, "input_ids");
  if (!input_ids) refuse_file(path, "missing_tensor", "must hold a tensor \"input_ids\"");
  if (input_ids->shape.size() != 2) {
    refuse_file(path, "wrong_shape",
                fmt::format("tensor \"input_ids\" must have shape [rows, sequence], got {}",
                            shape_text(input_ids->shape)));
  }
  const std::vector<std::int64_t> shape = input_ids->shape;
  LabelledRows data{.file = std::move(file),
                    .rows = shape[0],
                    .length = shape[1],
                    .input_ids = *std::move(input_ids),
                    .labels = {},
                    .attention_mask = {},
                    .token_type_ids = {},
                    .next_sentence_label = {}};
  data.labels = find_integers(data.file, "labels");
  data.attention_mask = find_integers(data.file, "attention_mask");
  data.token_type_ids = find_integers(data.file, "token_type_ids");
  data.next_sentence_label = find_integers(data.file, "next_sentence_label");
  check_labels(data, objective);
  check_shape(data.file, data.attention_mask, shape);
  check_shape(data.file, data.token_type_ids, shape);
  check_shape(data.file, data.next_sentence_label, {data.rows});
  require_labels(data, objective);
  return data;
}

std::int64_t value_at(const LabelledRows& data, const TensorEntry& tensor, std::int64_t row,
                      std::int64_t position) {
  return integer_at(tensor.type, tensor_bytes(data.file, tensor),
                    row * tensor.shape.at(1) + position);
}

}  // namespace galvatron
