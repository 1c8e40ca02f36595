// Token files as llm.c and Megatron write them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "test/executor/weights/file_bytes.h"
#include "test/planner/files/temporary_folder.h"

namespace galvatron {

struct LlmcFile {
  std::int64_t magic = 20240520;
  std::int64_t version = 1;
  int token_bytes = 2;
  std::vector<std::int64_t> tokens;
};

inline std::string llmc_bytes(const LlmcFile& file) {
  std::string bytes = little_endian(file.magic, 4) + little_endian(file.version, 4) +
                      little_endian(static_cast<std::int64_t>(file.tokens.size()), 4);
  bytes.resize(1024, '\0');
  for (const std::int64_t token : file.tokens) bytes += little_endian(token, file.token_bytes);
  return bytes;
}

struct MegatronFile {
  std::string magic{"MMIDIDX\0\0", 9};
  std::int64_t version = 1;
  std::int64_t code = 8;
  int token_bytes = 2;
  std::vector<std::vector<std::int64_t>> sequences;
  std::vector<std::int64_t> marks;
  std::int64_t gap = 0;  // bytes between sequences, which no program leaves
};

inline std::string megatron_index(const MegatronFile& file) {
  std::string bytes = file.magic + little_endian(file.version, 8) + little_endian(file.code, 1) +
                      little_endian(static_cast<std::int64_t>(file.sequences.size()), 8) +
                      little_endian(static_cast<std::int64_t>(file.marks.size()), 8);
  for (const auto& sequence : file.sequences) {
    bytes += little_endian(static_cast<std::int64_t>(sequence.size()), 4);
  }
  std::int64_t first_byte = 0;
  for (const auto& sequence : file.sequences) {
    bytes += little_endian(first_byte, 8);
    first_byte += static_cast<std::int64_t>(sequence.size()) * file.token_bytes + file.gap;
  }
  for (const std::int64_t mark : file.marks) bytes += little_endian(mark, 8);
  return bytes;
}

inline std::string megatron_tokens(const MegatronFile& file) {
  std::string bytes;
  for (const auto& sequence : file.sequences) {
    for (const std::int64_t token : sequence) bytes += little_endian(token, file.token_bytes);
  }
  return bytes;
}

// Writes both files and returns their stem.
inline std::string write_megatron(const TemporaryFolder& folder, const MegatronFile& file) {
  folder.write("corpus.idx", megatron_index(file));
  folder.write("corpus.bin", megatron_tokens(file));
  return folder.path("corpus");
}

}  // namespace galvatron
