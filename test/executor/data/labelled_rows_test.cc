#include "executor/data/labelled_rows.h"

#include <algorithm>
#include <string>

#include "test/catch.h"
#include "test/executor/weights/file_bytes.h"
#include "test/planner/files/error_text.h"
#include "test/planner/files/temporary_folder.h"

namespace galvatron {
namespace {

// Refusal of a file with this header and 64 zero bytes of data.
std::string refusal(const std::string& header) {
  const TemporaryFolder folder;
  const std::string path = folder.write("f", safetensors_bytes(header, std::string(64, '\0')));
  const std::string text = error_text([&] { open_labelled_rows(path, Objective::next_token); });
  return text.starts_with(path) ? text.substr(path.size()) : text;
}

}  // namespace

TEST_CASE("input_ids of any integer type are read") {
  const TemporaryFolder folder;
  const std::string data = little_endian(3, 4) + little_endian(4, 4) + little_endian(5, 4);
  const std::string path = folder.write(
      "f", safetensors_bytes(R"({"input_ids":{"dtype":"I32","shape":[3,1],"data_offsets":[0,12]}})",
                             data));
  const LabelledRows rows = open_labelled_rows(path, Objective::next_token);
  CHECK(rows.rows == 3);
  CHECK(rows.length == 1);
  CHECK(value_at(rows, rows.input_ids, 2, 0) == 5);
  CHECK_FALSE(rows.labels.has_value());
}

TEST_CASE("tensors that do not fit are refused by name") {
  CHECK(refusal(R"({"labels":{"dtype":"I64","shape":[8],"data_offsets":[0,64]}})") ==
        ": must hold a tensor \"input_ids\"");
  CHECK(refusal(R"({"input_ids":{"dtype":"I64","shape":[8],"data_offsets":[0,64]}})") ==
        ": tensor \"input_ids\" must have shape [rows, sequence], got [8]");
  CHECK(refusal(R"({"input_ids":{"dtype":"F32","shape":[4,4],"data_offsets":[0,64]}})") ==
        ": tensor \"input_ids\" must hold whole numbers, got F32");
  CHECK(refusal(R"({"input_ids":{"dtype":"I64","shape":[2,2],"data_offsets":[0,32]},)"
                R"("labels":{"dtype":"I64","shape":[4],"data_offsets":[32,64]}})") ==
        ": tensor \"labels\" must have shape [2, 2], got [4]");
  CHECK(refusal(R"({"pixel_values":{"dtype":"F32","shape":[16],"data_offsets":[0,64]}})") ==
        ": a causal language model reads input_ids, labels, attention_mask, the file also has "
        "\"pixel_values\"");
}

// Refusal of a file of two rows of one token with these further tensors of 16 bytes each.
std::string masked_refusal(Objective objective, const std::string& tensors) {
  const auto bytes =
      16 + 16 * static_cast<std::size_t>(std::count(tensors.begin(), tensors.end(), '{'));
  const TemporaryFolder folder;
  const std::string ids = R"({"input_ids":{"dtype":"I64","shape":[2,1],"data_offsets":[0,16]})";
  const std::string path =
      folder.write("f", safetensors_bytes(ids + tensors + "}", std::string(bytes, '\0')));
  const std::string text = error_text([&] { open_labelled_rows(path, objective); });
  return text.starts_with(path) ? text.substr(path.size()) : text;
}

TEST_CASE("a masked language model needs labels, the next-sentence head its own") {
  const std::string labels = R"(,"labels":{"dtype":"I64","shape":[2,1],"data_offsets":[16,32]})";
  const std::string rest = R"(,"next_sentence_label":{"dtype":"I64","shape":[2],)"
                           R"("data_offsets":[32,48]})";
  const std::string types = R"(,"token_type_ids":{"dtype":"I64","shape":[2,1],)"
                            R"("data_offsets":[32,48]})";
  CHECK(masked_refusal(Objective::masked_token, labels + types) == "no error");
  CHECK(masked_refusal(Objective::sentence_pair, labels + rest) == "no error");
  const std::string only_types = R"(,"token_type_ids":{"dtype":"I64","shape":[2,1],)"
                                 R"("data_offsets":[16,32]})";
  CHECK(masked_refusal(Objective::masked_token, only_types) ==
        ": must hold a tensor \"labels\": the tokens that were masked, elsewhere -100");
  CHECK(masked_refusal(Objective::sentence_pair, labels + types) ==
        ": must hold a tensor \"next_sentence_label\" for the model's next-sentence head");
  CHECK(masked_refusal(Objective::masked_token, labels + rest) ==
        ": a masked language model reads input_ids, labels, attention_mask, token_type_ids, the "
        "file also has \"next_sentence_label\"");
}

}  // namespace galvatron
