#include <fmt/format.h>

#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "executor/data/token_sequence.h"
#include "executor/weights/refuse_file.h"

namespace galvatron {
namespace {

constexpr std::string_view kMagic{"MMIDIDX\0\0", 9};
constexpr std::int64_t kIndexHeaderBytes = 9 + 8 + 1 + 8 + 8;
constexpr std::int64_t kMostEntries = std::int64_t{1} << 40;  // keeps sizes within 63 bits

// The index file after its header was checked.
struct Index {
  MappedFile file;
  ElementType type = ElementType::u8;
  std::int64_t sequences = 0;
  std::int64_t marks = 0;

  std::span<const std::byte> from(std::int64_t offset) const {
    return file.bytes().subspan(static_cast<std::size_t>(offset));
  }
  std::int64_t length(std::int64_t sequence) const {
    return integer_at(ElementType::i32, from(kIndexHeaderBytes), sequence);
  }
  std::int64_t first_byte(std::int64_t sequence) const {
    return integer_at(ElementType::i64, from(kIndexHeaderBytes + 4 * sequences), sequence);
  }
  std::int64_t mark(std::int64_t document) const {
    return integer_at(ElementType::i64, from(kIndexHeaderBytes + 12 * sequences), document);
  }
};

std::optional<ElementType> type_of_code(std::int64_t code) {
  switch (code) {
    case 1:
      return ElementType::u8;
    case 2:
      return ElementType::i8;
    case 3:
      return ElementType::i16;
    case 4:
      return ElementType::i32;
    case 5:
      return ElementType::i64;
    case 8:
      return ElementType::u16;
    default:
      return std::nullopt;  // 6 and 7 are floating point
  }
}

Index read_index_header(MappedFile file) {
  const std::string& path = file.path();
  const auto size = static_cast<std::int64_t>(file.bytes().size());
  if (size < kIndexHeaderBytes) {
    refuse_file(path, "truncated_file",
                fmt::format("must begin with Megatron's header of {} bytes, has {} bytes",
                            kIndexHeaderBytes, size));
  }
  if (std::memcmp(file.bytes().data(), kMagic.data(), kMagic.size()) != 0) {
    refuse_file(path, "bad_magic", "must begin with Megatron's magic MMIDIDX");
  }
  const std::int64_t version = integer_at(ElementType::i64, file.bytes().subspan(9), 0);
  if (version != 1) {
    refuse_file(path, "bad_version", fmt::format("must have version 1, got {}", version));
  }
  const std::int64_t code = integer_at(ElementType::u8, file.bytes(), 17);
  const auto type = type_of_code(code);
  if (!type) {
    refuse_file(path, "wrong_dtype",
                fmt::format("the type of the tokens must be 1, 2, 3, 4, 5 or 8, got {}", code));
  }
  const std::int64_t sequences = integer_at(ElementType::i64, file.bytes().subspan(18), 0);
  const std::int64_t marks = integer_at(ElementType::i64, file.bytes().subspan(26), 0);
  if (sequences < 0 || marks < 0 || sequences > kMostEntries || marks > kMostEntries) {
    refuse_file(
        path, "bad_megatron",
        fmt::format("impossible counts: {} sequences, {} document marks", sequences, marks));
  }
  const std::int64_t expected = kIndexHeaderBytes + 12 * sequences + 8 * marks;
  if (size != expected) {
    refuse_file(path, size < expected ? "truncated_file" : "bad_megatron",
                fmt::format("{} sequences and {} document marks need {} bytes, the file has {}",
                            sequences, marks, expected, size));
  }
  return {.file = std::move(file), .type = *type, .sequences = sequences, .marks = marks};
}

// Marks rise from 0 to the number of sequences.
void check_documents(const Index& index) {
  std::int64_t last = 0;
  for (std::int64_t document = 0; document < index.marks; ++document) {
    const std::int64_t mark = index.mark(document);
    const bool is_end = document == index.marks - 1;
    if (mark < last || (document == 0 && mark != 0) || (is_end && mark != index.sequences)) {
      refuse_file(index.file.path(), "bad_megatron",
                  fmt::format("document marks must rise from 0 to {}, mark {} is {}",
                              index.sequences, document, mark));
    }
    last = mark;
  }
}

// The number of tokens; they lie one after another.
std::int64_t count_tokens(const Index& index) {
  const std::int64_t item = element_bytes(index.type);
  std::int64_t tokens = 0;
  for (std::int64_t sequence = 0; sequence < index.sequences; ++sequence) {
    const std::int64_t length = index.length(sequence);
    if (length < 0 || index.first_byte(sequence) != tokens * item) {
      refuse_file(index.file.path(), "bad_megatron",
                  fmt::format("sequence {} must begin at byte {} of the .bin file, where the one "
                              "before it ends, got byte {} and length {}",
                              sequence, tokens * item, index.first_byte(sequence), length));
    }
    tokens += length;
  }
  return tokens;
}

}  // namespace

TokenSequence open_megatron(const std::string& stem) {
  const Index index = read_index_header(MappedFile(stem + ".idx"));
  check_documents(index);
  const std::int64_t tokens = count_tokens(index);
  MappedFile file(stem + ".bin");
  const auto size = static_cast<std::int64_t>(file.bytes().size());
  const std::int64_t expected = tokens * element_bytes(index.type);
  if (size != expected) {
    refuse_file(file.path(), size < expected ? "truncated_file" : "bad_megatron",
                fmt::format("the index has {} tokens, which need {} bytes, the file has {}", tokens,
                            expected, size));
  }
  return {.file = std::move(file), .type = index.type, .first_byte = 0, .tokens = tokens};
}

}  // namespace galvatron
