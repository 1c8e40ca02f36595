#include "executor/random/permutation.h"

#include <cassert>

namespace galvatron {
namespace {

// Four suffice for large domains in theory; tiny ones mix slowly and rounds are cheap.
constexpr std::uint64_t kRounds = 12;

// Bits of each half: the smallest h with 4^h >= size.
int half_width(std::uint64_t size) {
  int width = 1;
  while ((std::uint64_t{1} << (2 * width)) < size) ++width;
  return width;
}

// One pass of the network, a bijection of 0 … 4^width - 1.
std::uint64_t feistel(const RandomStream& stream, int width, std::uint64_t value) {
  const std::uint64_t mask = (std::uint64_t{1} << width) - 1;
  std::uint64_t left = value >> width;
  std::uint64_t right = value & mask;
  for (std::uint64_t round = 0; round < kRounds; ++round) {
    const std::uint64_t word = random_block(stream, (round << 32) | right)[0];
    const std::uint64_t mixed = left ^ (word & mask);
    left = right;
    right = mixed;
  }
  return (left << width) | right;
}

}  // namespace

std::int64_t permuted(const RandomStream& stream, std::int64_t size, std::int64_t index) {
  assert(index >= 0 && index < size && size < (std::int64_t{1} << 62));
  const auto limit = static_cast<std::uint64_t>(size);
  const int width = half_width(limit);
  auto value = static_cast<std::uint64_t>(index);
  do {
    value = feistel(stream, width, value);
  } while (value >= limit);
  return static_cast<std::int64_t>(value);
}

}  // namespace galvatron
