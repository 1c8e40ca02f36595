#include "executor/data/dataset.h"

#include <string>

#include "executor/data/masked_bytes.h"
#include "test/catch.h"
#include "test/executor/data/token_files.h"
#include "test/planner/files/error_text.h"

namespace galvatron {
namespace {

using Ids = std::vector<std::int64_t>;

// A safetensors file of int64 tensors of shape [rows, length], one after another.
std::string rows_file(const std::vector<std::pair<std::string, Ids>>& tensors,
                      std::int64_t length) {
  std::string header = "{";
  std::string data;
  for (const auto& [name, values] : tensors) {
    const std::size_t begin = data.size();
    for (const std::int64_t value : values) data += little_endian(value, 8);
    header += (header.size() > 1 ? ",\"" : "\"") + name + R"(":{"dtype":"I64","shape":[)" +
              std::to_string(static_cast<std::int64_t>(values.size()) / length) + "," +
              std::to_string(length) + R"(],"data_offsets":[)" + std::to_string(begin) + "," +
              std::to_string(data.size()) + "]}";
  }
  return safetensors_bytes(header + "}", data);
}

Dataset open_rows(const TemporaryFolder& folder,
                  const std::vector<std::pair<std::string, Ids>>& tensors,
                  const RowLimits& limits) {
  const std::string path = folder.write("rows", rows_file(tensors, limits.sequence_length));
  return open_dataset({DataFormat::safetensors, path}, limits);
}

}  // namespace

TEST_CASE("row i of a token file is tokens i S to i S + S") {
  const TemporaryFolder folder;
  const Dataset data = open_dataset({DataFormat::text, folder.write("f", "abcdefgh")}, {3, 256});
  CHECK(data.rows == 2);  // g h would need two tokens more
  CHECK(read_row(data, 0) == Sample{{'a', 'b', 'c'}, {'b', 'c', 'd'}});
  CHECK(read_row(data, 1) == Sample{{'d', 'e', 'f'}, {'e', 'f', 'g'}});
}

TEST_CASE("the last token of a file may be a target only") {
  const TemporaryFolder folder;
  const Dataset data = open_dataset({DataFormat::text, folder.write("f", "abcd")}, {3, 256});
  CHECK(data.rows == 1);
}

TEST_CASE("all formats of token files give the same rows") {
  const TemporaryFolder folder;
  const RowLimits limits{.sequence_length = 2, .vocabulary = 10};
  const std::string llmc = folder.write("l.bin", llmc_bytes({.tokens = {1, 2, 3, 4, 5}}));
  const Dataset from_llmc = open_dataset(parse_data_source(llmc), limits);
  const MegatronFile file{.sequences = {{1, 2}, {3, 4, 5}}, .marks = {0, 2}};
  const Dataset from_megatron =
      open_dataset(parse_data_source(write_megatron(folder, file) + ".bin"), limits);
  CHECK(from_llmc.rows == 2);
  CHECK(from_megatron.rows == 2);
  CHECK(read_row(from_llmc, 1) == Sample{{3, 4}, {4, 5}});
  CHECK(read_row(from_megatron, 1) == Sample{{3, 4}, {4, 5}});
}

TEST_CASE("a file too short for one row is refused") {
  const TemporaryFolder folder;
  const std::string path = folder.write("f", "abc");
  CHECK(error_text([&] {
          open_dataset({DataFormat::text, path}, {3, 256});
        }) ==
        path + ": one row needs 4 tokens (sequence length 3 and one target more), the file has 3");
  const std::string empty = folder.write("empty", "");
  CHECK(error_text([&] {
          open_dataset({DataFormat::text, empty}, {1, 256});
        }) ==
        empty + ": one row needs 2 tokens (sequence length 1 and one target more), the file has 0");
}

TEST_CASE("labels are shifted by one as transformers does") {
  const TemporaryFolder folder;
  const Dataset data = open_rows(
      folder, {{"input_ids", {1, 2, 3, 4, 5, 6}}, {"labels", {1, -100, 3, 7, 8, 9}}}, {3, 10});
  CHECK(data.rows == 2);
  CHECK(read_row(data, 0) == Sample{{1, 2, 3}, {-100, 3, -100}});
  CHECK(read_row(data, 1) == Sample{{4, 5, 6}, {8, 9, -100}});
}

TEST_CASE("without labels the input is the target") {
  const TemporaryFolder folder;
  const Dataset data = open_rows(folder, {{"input_ids", {1, 2, 3}}}, {3, 10});
  CHECK(read_row(data, 0) == Sample{{1, 2, 3}, {2, 3, -100}});
}

TEST_CASE("an attention mask of ones is accepted, another refused") {
  const TemporaryFolder folder;
  const Dataset data =
      open_rows(folder, {{"attention_mask", {1, 1, 1, 0}}, {"input_ids", {1, 2, 3, 4}}}, {2, 10});
  CHECK(read_row(data, 0) == Sample{{1, 2}, {2, -100}});
  CHECK(error_text([&] { read_row(data, 1); }) ==
        folder.path("rows") +
            ": attention_mask hides position 1 of row 1; causal models attend to whole rows, mark "
            "targets to ignore as -100 in labels");
}

TEST_CASE("an id outside the vocabulary is named with its place") {
  const TemporaryFolder folder;
  const std::string text = folder.write("f", "abcdefz");
  const Dataset data = open_dataset({DataFormat::text, text}, {3, 'h'});
  CHECK(read_row(data, 0).targets.back() == 'd');
  CHECK(error_text([&] { read_row(data, 1); }) ==
        text + ": token id 122 at position 3 of row 1 is outside the vocabulary of 104");
  const std::string rows = folder.path("rows");
  const Dataset negative = open_rows(folder, {{"input_ids", {1, -100}}}, {2, 10});
  CHECK(error_text([&] { read_row(negative, 0); }) ==
        rows + ": token id -100 at position 1 of row 0 is outside the vocabulary of 10");
  const Dataset label = open_rows(folder, {{"input_ids", {1, 2}}, {"labels", {1, 10}}}, {2, 10});
  CHECK(error_text([&] { read_row(label, 0); }) ==
        rows + ": label id 10 at position 1 of row 0 is outside the vocabulary of 10");
}

TEST_CASE("rows of another length are refused") {
  const TemporaryFolder folder;
  const std::string path = folder.write("f", rows_file({{"input_ids", {1, 2, 3}}}, 3));
  CHECK(error_text([&] {
          open_dataset({DataFormat::safetensors, path}, {4, 10});
        }) == path + ": the rows of input_ids must have 4 tokens, the sequence length, got 3");
  const std::string none = folder.write("none", rows_file({{"input_ids", {}}}, 3));
  CHECK(error_text([&] {
          open_dataset({DataFormat::safetensors, none}, {3, 10});
        }) == none + ": input_ids must have at least one row");
}

TEST_CASE("a masked language model's labels are not shifted, its mask and types come along") {
  const TemporaryFolder folder;
  const Dataset data = open_rows(folder,
                                 {{"attention_mask", {1, 1, 0}},
                                  {"input_ids", {1, 9, 3}},
                                  {"labels", {-100, 2, -100}},
                                  {"token_type_ids", {0, 1, 1}}},
                                 {.sequence_length = 3,
                                  .vocabulary = 10,
                                  .objective = Objective::masked_token,
                                  .token_types = 2});
  CHECK(read_row(data, 0) == Sample{.tokens = {1, 9, 3},
                                    .targets = {-100, 2, -100},
                                    .token_types = {0, 1, 1},
                                    .seen = {1, 1, 0}});
}

TEST_CASE("a token type or a mask out of range is named with its place") {
  const TemporaryFolder folder;
  const RowLimits limits{.sequence_length = 2,
                         .vocabulary = 10,
                         .objective = Objective::masked_token,
                         .token_types = 2};
  const Ids fine{1, 2};
  const Dataset types = open_rows(
      folder, {{"input_ids", fine}, {"labels", fine}, {"token_type_ids", {0, 2}}}, limits);
  CHECK(error_text([&] { read_row(types, 0); }) ==
        folder.path("rows") + ": token_type_ids must be below 2, got 2 at position 1 of row 0");
  const Dataset mask = open_rows(
      folder, {{"attention_mask", {3, 1}}, {"input_ids", fine}, {"labels", fine}}, limits);
  CHECK(error_text([&] { read_row(mask, 0); }) ==
        folder.path("rows") + ": attention_mask must be below 2, got 3 at position 0 of row 0");
}

TEST_CASE("bytes of text are masked, the same way each time, and few are targets") {
  const TemporaryFolder folder;
  const RowLimits limits{
      .sequence_length = 1000, .vocabulary = 257, .objective = Objective::masked_token};
  const Dataset data =
      open_dataset({DataFormat::text, folder.write("f", std::string(2000, 'a'))}, limits);
  CHECK(data.rows == 2);  // no token more is needed: nothing is shifted
  const Sample sample = read_row(data, 0);
  CHECK(read_row(data, 0) == sample);
  CHECK_FALSE(read_row(data, 1) == sample);
  int targets = 0;
  int masks = 0;
  int others = 0;
  for (std::size_t i = 0; i < sample.tokens.size(); ++i) {
    if (sample.targets[i] == kIgnoredTarget) {
      CHECK(sample.tokens[i] == 'a');
      continue;
    }
    CHECK(sample.targets[i] == 'a');
    ++targets;
    masks += sample.tokens[i] == kMaskOfBytes;
    others += sample.tokens[i] != kMaskOfBytes && sample.tokens[i] != 'a';
  }
  // 1000 draws: 150 +- 4 standard deviations; of these four fifths and a tenth.
  CHECK(targets > 105);
  CHECK(targets < 195);
  CHECK(masks > targets * 7 / 10);
  CHECK(masks < targets * 9 / 10);
  CHECK(others > 0);
  CHECK(others < targets / 4);
}

TEST_CASE("a decoder reads its targets shifted right, filled up to its length") {
  const TemporaryFolder folder;
  const auto tensor = [](const char* name, int length, int begin) {
    return "\"" + std::string(name) + R"(":{"dtype":"I64","shape":[1,)" + std::to_string(length) +
           R"(],"data_offsets":[)" + std::to_string(begin) + "," +
           std::to_string(begin + 8 * length) + "]}";
  };
  std::string bytes;
  for (const std::int64_t value : {4, 5, 1, 0, 6, -100, 7}) bytes += little_endian(value, 8);
  const std::string header = "{" + tensor("input_ids", 2, 0) + "," +
                             tensor("attention_mask", 2, 16) + "," + tensor("labels", 3, 32) + "}";
  const std::string path = folder.write("f", safetensors_bytes(header, bytes));
  RowLimits limits{.sequence_length = 2,
                   .vocabulary = 10,
                   .objective = Objective::target_sequence,
                   .target_length = 4,
                   .start_token = 2,
                   .padding_token = 3};
  const Sample sample = read_row(open_dataset({DataFormat::safetensors, path}, limits), 0);
  CHECK(sample.tokens == Ids{4, 5});
  CHECK(sample.seen == Ids{1, 0});
  CHECK(sample.targets == Ids{6, -100, 7, -100});
  CHECK(sample.decoder_tokens == Ids{2, 6, 3, 7});
  limits.target_length = 2;
  CHECK(error_text([&] {
          open_dataset({DataFormat::safetensors, path}, limits);
        }) ==
        path +
            ": the rows of labels must have at most 2 tokens, the target sequence length, got 3");
}

TEST_CASE("data that cannot train a model are refused with what it needs") {
  const TemporaryFolder folder;
  const std::string path = folder.write("f", "abcdef");
  const auto refusal = [&](DataFormat format, Objective objective, std::int64_t vocabulary) {
    const RowLimits limits{.sequence_length = 2, .vocabulary = vocabulary, .objective = objective};
    return error_text([&] { open_dataset({format, path}, limits); }).substr(path.size());
  };
  CHECK(refusal(DataFormat::llmc, Objective::masked_token, 300) ==
        ": llmc data cannot train this model: it needs safetensors with input_ids and labels, or "
        "text");
  CHECK(refusal(DataFormat::text, Objective::masked_token, 256) ==
        ": text as bytes and a mask needs a vocabulary of at least 257, got 256");
  CHECK(refusal(DataFormat::text, Objective::sentence_pair, 300) ==
        ": text data cannot train this model: it needs safetensors with input_ids, labels and "
        "next_sentence_label");
  CHECK(refusal(DataFormat::megatron, Objective::image_class, 10) ==
        ": megatron data cannot train this model: it needs safetensors with pixel_values and "
        "labels");
}

}  // namespace galvatron
