#include "executor/checkpoint/checksum.h"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <charconv>
#include <cstring>

namespace galvatron {
namespace {

constexpr std::uint64_t kPrime1 = 0x9E3779B185EBCA87;
constexpr std::uint64_t kPrime2 = 0xC2B2AE3D27D4EB4F;
constexpr std::uint64_t kPrime3 = 0x165667B19E3779F9;
constexpr std::uint64_t kPrime4 = 0x85EBCA77C2B2AE63;
constexpr std::uint64_t kPrime5 = 0x27D4EB2F165667C5;

constexpr std::size_t kDigits = 16;

// The next sizeof(T) bytes as a little-endian number.
template <typename T>
T take(std::span<const std::byte>& bytes) {
  T value = 0;
  std::memcpy(&value, bytes.data(), sizeof value);
  bytes = bytes.subspan(sizeof value);
  return value;
}

constexpr std::uint64_t round_of(std::uint64_t lane, std::uint64_t input) {
  return std::rotl(lane + input * kPrime2, 31) * kPrime1;
}

// Four lanes of 8 bytes each, as long as there are 32 bytes.
std::uint64_t take_stripes(std::span<const std::byte>& bytes) {
  std::array<std::uint64_t, 4> lanes{kPrime1 + kPrime2, kPrime2, 0, 0 - kPrime1};
  while (bytes.size() >= sizeof lanes) {
    for (std::uint64_t& lane : lanes) lane = round_of(lane, take<std::uint64_t>(bytes));
  }
  std::uint64_t hash = std::rotl(lanes[0], 1) + std::rotl(lanes[1], 7) + std::rotl(lanes[2], 12) +
                       std::rotl(lanes[3], 18);
  for (const std::uint64_t lane : lanes) hash = (hash ^ round_of(0, lane)) * kPrime1 + kPrime4;
  return hash;
}

std::uint64_t mixed(std::uint64_t hash) {
  hash = (hash ^ (hash >> 33)) * kPrime2;
  hash = (hash ^ (hash >> 29)) * kPrime3;
  return hash ^ (hash >> 32);
}

}  // namespace

std::uint64_t xxh64(std::span<const std::byte> bytes) {
  const std::size_t length = bytes.size();
  std::uint64_t hash = length >= 32 ? take_stripes(bytes) : kPrime5;
  hash += length;
  while (bytes.size() >= sizeof(std::uint64_t)) {
    hash ^= round_of(0, take<std::uint64_t>(bytes));
    hash = std::rotl(hash, 27) * kPrime1 + kPrime4;
  }
  if (bytes.size() >= sizeof(std::uint32_t)) {
    hash ^= take<std::uint32_t>(bytes) * kPrime1;
    hash = std::rotl(hash, 23) * kPrime2 + kPrime3;
  }
  while (!bytes.empty()) {
    hash ^= take<std::uint8_t>(bytes) * kPrime5;
    hash = std::rotl(hash, 11) * kPrime1;
  }
  return mixed(hash);
}

std::string checksum_text(std::uint64_t checksum) { return fmt::format("{:016x}", checksum); }

std::optional<std::uint64_t> parse_checksum(std::string_view text) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value, 16);
  if (text.size() != kDigits || error != std::errc{} || rest != end) return std::nullopt;
  return value;
}

}  // namespace galvatron
