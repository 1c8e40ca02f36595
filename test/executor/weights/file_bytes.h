// Binary files as tests write and read them.
#pragma once

#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>

namespace galvatron {

// `count` bytes of an integer, lowest first.
inline std::string little_endian(std::int64_t value, int count) {
  std::string bytes;
  for (int i = 0; i < count; ++i) {
    bytes += static_cast<char>((static_cast<std::uint64_t>(value) >> (8 * i)) & 0xFFU);
  }
  return bytes;
}

// A safetensors file of this header, taken as it is, and these data.
inline std::string safetensors_bytes(const std::string& header, const std::string& data) {
  return little_endian(static_cast<std::int64_t>(header.size()), 8) + header + data;
}

inline std::string read_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace galvatron
