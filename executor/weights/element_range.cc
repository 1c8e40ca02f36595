#include "executor/weights/element_range.h"

#include <algorithm>

namespace galvatron {

ElementRanges part_of(std::span<const ElementRange> ranges, ElementRange part) {
  ElementRanges result;
  std::int64_t passed = 0;  // elements of the ranges before this one
  for (const ElementRange& range : ranges) {
    const std::int64_t begin = std::max(part.begin - passed, std::int64_t{0});
    const std::int64_t end = std::min(part.end - passed, element_count(range));
    if (begin < end) result.push_back({.begin = range.begin + begin, .end = range.begin + end});
    passed += element_count(range);
  }
  return result;
}

}  // namespace galvatron
