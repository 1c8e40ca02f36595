#include "executor/data/token_sequence.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "executor/weights/refuse_file.h"

namespace galvatron {
namespace {

constexpr std::int64_t kLlmcHeaderBytes = 1024;

struct LlmcKind {
  std::int64_t magic;
  std::int64_t version;
  ElementType type;
};

constexpr std::array kLlmcKinds = {LlmcKind{20240520, 1, ElementType::u16},
                                   LlmcKind{20240801, 7, ElementType::u32}};

const LlmcKind& read_llmc_kind(const MappedFile& file) {
  const std::int64_t magic = integer_at(ElementType::i32, file.bytes(), 0);
  const std::int64_t version = integer_at(ElementType::i32, file.bytes(), 1);
  const auto* const kind = std::find_if(kLlmcKinds.begin(), kLlmcKinds.end(),
                                        [magic](const LlmcKind& k) { return k.magic == magic; });
  if (kind == kLlmcKinds.end()) {
    refuse_file(file.path(), "bad_magic",
                fmt::format("must begin with llm.c's magic 20240520 or 20240801, got {}", magic));
  }
  if (kind->version != version) {
    refuse_file(file.path(), "bad_version",
                fmt::format("llm.c data of magic {} must have version {}, got {}", magic,
                            kind->version, version));
  }
  return *kind;
}

}  // namespace

TokenSequence open_text(const std::string& path) {
  MappedFile file(path);
  const auto tokens = static_cast<std::int64_t>(file.bytes().size());
  return {.file = std::move(file), .type = ElementType::u8, .first_byte = 0, .tokens = tokens};
}

TokenSequence open_llmc(const std::string& path) {
  MappedFile file(path);
  const auto size = static_cast<std::int64_t>(file.bytes().size());
  if (size < kLlmcHeaderBytes) {
    refuse_file(path, "truncated_file",
                fmt::format("must begin with llm.c's header of {} bytes, has {} bytes",
                            kLlmcHeaderBytes, size));
  }
  const ElementType type = read_llmc_kind(file).type;
  const std::int64_t tokens = integer_at(ElementType::i32, file.bytes(), 2);
  const std::int64_t expected = kLlmcHeaderBytes + tokens * element_bytes(type);
  if (tokens < 0 || size != expected) {
    refuse_file(path, size < expected ? "truncated_file" : "bad_llmc",
                fmt::format("{} tokens need {} bytes, the file has {}", tokens, expected, size));
  }
  return {.file = std::move(file), .type = type, .first_byte = kLlmcHeaderBytes, .tokens = tokens};
}

std::int64_t token_at(const TokenSequence& sequence, std::int64_t index) {
  const auto bytes = sequence.file.bytes().subspan(static_cast<std::size_t>(sequence.first_byte));
  return integer_at(sequence.type, bytes, index);
}

}  // namespace galvatron
