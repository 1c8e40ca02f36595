#include "executor/data/token_sequence.h"

#include <functional>
#include <string>
#include <vector>

#include "planner/files/spec_error.h"
#include "test/catch.h"
#include "test/executor/data/token_files.h"
#include "test/planner/files/error_text.h"

namespace galvatron {
namespace {

std::vector<std::int64_t> all_tokens(const TokenSequence& sequence) {
  std::vector<std::int64_t> tokens;
  for (std::int64_t i = 0; i < sequence.tokens; ++i) tokens.push_back(token_at(sequence, i));
  return tokens;
}

const MegatronFile kMegatron{.sequences = {{1, 2, 3}, {}, {65535}, {5, 6}}, .marks = {0, 1, 4}};

// Refusals without the path, which changes from run to run.
std::string llmc_refusal(const std::string& bytes) {
  const TemporaryFolder folder;
  const std::string path = folder.write("f", bytes);
  const std::string text = error_text([&] { open_llmc(path); });
  return text.starts_with(path) ? text.substr(path.size()) : text;
}

std::string megatron_refusal(const std::string& index, const std::string& tokens) {
  const TemporaryFolder folder;
  folder.write("f.idx", index);
  folder.write("f.bin", tokens);
  const std::string text = error_text([&] { open_megatron(folder.path("f")); });
  return text.starts_with(folder.path("f")) ? text.substr(folder.path("f").size()) : text;
}

std::string megatron_refusal(const MegatronFile& file) {
  return megatron_refusal(megatron_index(file), megatron_tokens(file));
}

}  // namespace

TEST_CASE("the tokens of a text are its bytes") {
  const TemporaryFolder folder;
  CHECK(all_tokens(open_text(folder.write("f", "a\n\xC3\xA4"))) ==
        std::vector<std::int64_t>{97, 10, 0xC3, 0xA4});
}

TEST_CASE("llm.c files of both kinds are read") {
  const TemporaryFolder folder;
  const LlmcFile gpt2{.tokens = {50256, 0, 65535}};
  CHECK(all_tokens(open_llmc(folder.write("2", llmc_bytes(gpt2)))) == gpt2.tokens);
  const LlmcFile llama{20240801, 7, 4, {128000, 1}};
  CHECK(all_tokens(open_llmc(folder.write("3", llmc_bytes(llama)))) == llama.tokens);
}

TEST_CASE("a malformed llm.c file says why") {
  CHECK(llmc_refusal("abc") == ": must begin with llm.c's header of 1024 bytes, has 3 bytes");
  CHECK(llmc_refusal(llmc_bytes({.magic = 7, .tokens = {}})) ==
        ": must begin with llm.c's magic 20240520 or 20240801, got 7");
  CHECK(llmc_refusal(llmc_bytes({.version = 2, .tokens = {}})) ==
        ": llm.c data of magic 20240520 must have version 1, got 2");
  CHECK(llmc_refusal(llmc_bytes({.tokens = {1, 2}}) + "x") ==
        ": 2 tokens need 1028 bytes, the file has 1029");
  std::string negative = llmc_bytes({.tokens = {}});
  negative.replace(8, 4, little_endian(-1, 4));
  CHECK(llmc_refusal(negative) == ": -1 tokens need 1022 bytes, the file has 1024");
}

TEST_CASE("an llm.c file cut anywhere is refused") {
  const std::string bytes = llmc_bytes({.tokens = {1, 2, 3}});
  for (std::size_t size = 0; size < bytes.size(); size += size < 1000 ? 100 : 1) {
    REQUIRE(llmc_refusal(bytes.substr(0, size)) != "no error");
  }
}

TEST_CASE("Megatron's documents are joined in their order") {
  const TemporaryFolder folder;
  CHECK(all_tokens(open_megatron(write_megatron(folder, kMegatron))) ==
        std::vector<std::int64_t>{1, 2, 3, 65535, 5, 6});
}

TEST_CASE("Megatron's integer types are read by their codes") {
  struct Case {
    std::int64_t code;
    int bytes;
    std::int64_t largest;
  };
  for (const auto& [code, bytes, largest] :
       {Case{1, 1, 255}, Case{2, 1, 127}, Case{3, 2, 32767}, Case{4, 4, 2147483647},
        Case{5, 8, 1LL << 40}, Case{8, 2, 65535}}) {
    const TemporaryFolder folder;
    const MegatronFile file{
        .code = code, .token_bytes = bytes, .sequences = {{0, largest}}, .marks = {0, 1}};
    CHECK(all_tokens(open_megatron(write_megatron(folder, file))) == file.sequences[0]);
  }
}

TEST_CASE("a malformed Megatron index says why") {
  MegatronFile file = kMegatron;
  file.magic[0] = 'X';
  CHECK(megatron_refusal(file) == ".idx: must begin with Megatron's magic MMIDIDX");
  file = kMegatron;
  file.version = 2;
  CHECK(megatron_refusal(file) == ".idx: must have version 1, got 2");
  file = kMegatron;
  file.code = 7;
  CHECK(megatron_refusal(file) == ".idx: the type of the tokens must be 1, 2, 3, 4, 5 or 8, got 7");
  file = kMegatron;
  file.marks = {0, 3, 1, 4};
  CHECK(megatron_refusal(file) == ".idx: document marks must rise from 0 to 4, mark 2 is 1");
  file.marks = {0, 3};
  CHECK(megatron_refusal(file) == ".idx: document marks must rise from 0 to 4, mark 1 is 3");
  file.marks = {1, 4};
  CHECK(megatron_refusal(file) == ".idx: document marks must rise from 0 to 4, mark 0 is 1");
  file = kMegatron;
  file.gap = 2;
  CHECK(megatron_refusal(file) ==
        ".idx: sequence 1 must begin at byte 6 of the .bin file, where the one before it ends, got "
        "byte 8 and length 0");
}

TEST_CASE("Megatron files of the wrong size are refused") {
  const std::string index = megatron_index(kMegatron);
  const std::string tokens = megatron_tokens(kMegatron);
  CHECK(megatron_refusal(index, tokens.substr(1)) ==
        ".bin: the index has 6 tokens, which need 12 bytes, the file has 11");
  CHECK(megatron_refusal(index, tokens + "x") ==
        ".bin: the index has 6 tokens, which need 12 bytes, the file has 13");
  CHECK(megatron_refusal(index + "x", tokens) ==
        ".idx: 4 sequences and 3 document marks need 106 bytes, the file has 107");
  for (std::size_t size = 0; size < index.size(); ++size) {
    REQUIRE(megatron_refusal(index.substr(0, size), tokens) != "no error");
  }
}

TEST_CASE("counts that cannot be are refused without reading on") {
  std::string index = megatron_index(kMegatron);
  index.replace(18, 8, little_endian(-1, 8));
  CHECK(megatron_refusal(index, "") == ".idx: impossible counts: -1 sequences, 3 document marks");
  index.replace(18, 8, little_endian(std::int64_t{1} << 62, 8));
  CHECK(megatron_refusal(index, "") ==
        ".idx: impossible counts: 4611686018427387904 sequences, 3 document marks");
}

TEST_CASE("a missing half of Megatron data is named") {
  const TemporaryFolder folder;
  folder.write("f.idx", megatron_index(kMegatron));
  CHECK(error_text([&] { open_megatron(folder.path("f")); }) ==
        folder.path("f.bin") + ": cannot open the file: No such file or directory");
}

}  // namespace galvatron
