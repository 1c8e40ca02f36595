// The checksum of files: XXH64 with seed 0, which `xxhsum -H1` computes too. Against accidents, not
// against somebody who wants two files to collide.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace galvatron {

// Source: the XXH64 specification, github.com/Cyan4973/xxHash, doc/xxhash_spec.md.
std::uint64_t xxh64(std::span<const std::byte> bytes);

// 16 hexadecimal digits, and back.
std::string checksum_text(std::uint64_t checksum);
std::optional<std::uint64_t> parse_checksum(std::string_view text);

}  // namespace galvatron
