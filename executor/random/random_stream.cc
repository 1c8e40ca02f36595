#include "executor/random/random_stream.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <numbers>

namespace galvatron {
namespace {

constexpr std::int64_t kLanes = 4;  // elements per block

// FNV-1a, 64 bits.
std::uint64_t hash_text(std::string_view text) {
  std::uint64_t hash = 0xCBF29CE484222325U;
  for (const char byte : text) {
    hash ^= static_cast<unsigned char>(byte);
    hash *= 0x100000001B3U;
  }
  return hash;
}

// The finalizer of SplitMix64: a bijection that spreads every bit.
std::uint64_t mix(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9U;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBU;
  return value ^ (value >> 31);
}

// Two independent standard normals from two words.
// Source: Box & Muller, Annals of Mathematical Statistics 29(2), 1958.
std::array<double, 2> normal_pair(std::uint32_t first, std::uint32_t second) {
  const double uniform = (static_cast<double>(first) + 1) * 0x1p-32;  // in (0, 1]
  const double radius = std::sqrt(-2 * std::log(uniform));
  const double angle = 2 * std::numbers::pi * (static_cast<double>(second) * 0x1p-32);
  return {radius * std::cos(angle), radius * std::sin(angle)};
}

// Calls lanes(block) -> 4 values once per block that a range touches.
template <typename T, typename Lanes>
void fill(std::span<const ElementRange> ranges, std::span<T> values, const Lanes& lanes) {
  assert(element_count(ranges) <= static_cast<std::int64_t>(values.size()));
  auto next = values.begin();
  for (const ElementRange& range : ranges) {
    for (std::int64_t element = range.begin; element < range.end;) {
      const std::int64_t block = element / kLanes;
      const std::array<T, kLanes> drawn = lanes(static_cast<std::uint64_t>(block));
      const std::int64_t last = std::min(range.end, (block + 1) * kLanes);
      next = std::copy(drawn.begin() + element % kLanes, drawn.begin() + (last - block * kLanes),
                       next);
      element = last;
    }
  }
  std::fill(next, values.end(), T{});
}

}  // namespace

RandomStream random_stream(std::uint64_t seed, std::string_view name, std::int64_t step) {
  return {.seed = seed, .name = mix(hash_text(name) + mix(static_cast<std::uint64_t>(step)))};
}

PhiloxBlock random_block(const RandomStream& stream, std::uint64_t block) {
  const auto low = [](std::uint64_t value) { return static_cast<std::uint32_t>(value); };
  const auto high = [](std::uint64_t value) { return static_cast<std::uint32_t>(value >> 32); };
  return philox({low(block), high(block), low(stream.name), high(stream.name)},
                {low(stream.seed), high(stream.seed)});
}

void fill_uniform(const RandomStream& stream, std::span<const ElementRange> ranges,
                  std::span<float> values) {
  fill(ranges, values, [&stream](std::uint64_t block) {
    std::array<float, kLanes> lanes{};
    const PhiloxBlock words = random_block(stream, block);
    std::transform(words.begin(), words.end(), lanes.begin(),
                   [](std::uint32_t word) { return static_cast<float>(word >> 8) * 0x1p-24F; });
    return lanes;
  });
}

void fill_normal(const RandomStream& stream, const Normal& normal,
                 std::span<const ElementRange> ranges, std::span<float> values) {
  fill(ranges, values, [&](std::uint64_t block) {
    const PhiloxBlock words = random_block(stream, block);
    std::array<float, kLanes> lanes{};
    for (std::size_t i = 0; i < lanes.size(); i += 2) {
      const auto [first, second] = normal_pair(words[i], words[i + 1]);
      lanes[i] = static_cast<float>(normal.mean + normal.deviation * first);
      lanes[i + 1] = static_cast<float>(normal.mean + normal.deviation * second);
    }
    return lanes;
  });
}

std::uint64_t kept_threshold(double dropped) {
  assert(dropped >= 0 && dropped <= 1);
  return static_cast<std::uint64_t>(std::llround(dropped * 0x1p32));
}

void fill_kept(const RandomStream& stream, double dropped, std::span<const ElementRange> ranges,
               std::span<bool> kept) {
  const std::uint64_t threshold = kept_threshold(dropped);
  fill(ranges, kept, [&stream, threshold](std::uint64_t block) {
    std::array<bool, kLanes> lanes{};
    const PhiloxBlock words = random_block(stream, block);
    std::transform(words.begin(), words.end(), lanes.begin(),
                   [threshold](std::uint32_t word) { return word >= threshold; });
    return lanes;
  });
}

}  // namespace galvatron
