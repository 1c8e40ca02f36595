// Which elements of a tensor: what sharding, files and random numbers all speak of.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace galvatron {

// Consecutive elements [begin, end) of a whole tensor whose rows lie one after another.
struct ElementRange {
  std::int64_t begin = 0;
  std::int64_t end = 0;

  bool operator==(const ElementRange&) const = default;
};

using ElementRanges = std::vector<ElementRange>;

constexpr std::int64_t element_count(const ElementRange& range) { return range.end - range.begin; }

constexpr std::int64_t element_count(std::span<const ElementRange> ranges) {
  std::int64_t count = 0;
  for (const ElementRange& range : ranges) count += element_count(range);
  return count;
}

// The product of the dimensions; 1 for a scalar.
constexpr std::int64_t element_count(std::span<const std::int64_t> shape) {
  std::int64_t count = 1;
  for (const std::int64_t extent : shape) count *= extent;
  return count;
}

// Elements number part.begin … part.end - 1 of those that `ranges` list one after another, for
// instance the piece of a tensor shard that lies in one shard of a flat buffer. What `part` asks
// beyond the last element is left out.
ElementRanges part_of(std::span<const ElementRange> ranges, ElementRange part);

}  // namespace galvatron
