// A file as one long sequence of tokens.
#pragma once

#include <cstdint>
#include <string>

#include "executor/weights/element_type.h"
#include "executor/weights/mapped_file.h"

namespace galvatron {

struct TokenSequence {
  MappedFile file;
  ElementType type = ElementType::u8;
  std::int64_t first_byte = 0;  // of token 0
  std::int64_t tokens = 0;
};

// Any file, each byte a token.
TokenSequence open_text(const std::string& path);

// llm.c's .bin: 256 int32 of header (magic, version, number of tokens, zeros), then the tokens.
// Magic 20240520 version 1 has uint16 tokens (GPT-2), 20240801 version 7 uint32 (Llama 3).
TokenSequence open_llmc(const std::string& path);

// Megatron's stem.bin, whose documents are joined in their order, described by stem.idx:
//
//   9 bytes "MMIDIDX\0\0", uint64 version 1, uint8 type, uint64 sequences n, uint64 marks m,
//   int32 length[n], int64 first_byte[n], int64 first_sequence_of_document[m]
//
// Refuses sequences that do not lie one after another: no program writes such files.
TokenSequence open_megatron(const std::string& stem);

// Requires 0 <= index < tokens.
std::int64_t token_at(const TokenSequence& sequence, std::int64_t index);

}  // namespace galvatron
