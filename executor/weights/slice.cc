#include "executor/weights/slice.h"

#include <algorithm>
#include <cassert>
#include <cstddef>

namespace galvatron {
namespace {

// The tensor as [outer, parts, part, inner], of which the third axis is split.
struct SplitView {
  std::int64_t outer = 1;
  std::int64_t part = 1;
  std::int64_t inner = 1;
  std::int64_t shard = 1;  // of the part, padding included
};

SplitView split_view(std::span<const std::int64_t> shape, const Slice& slice) {
  const auto dimension = static_cast<std::size_t>(slice.dimension);
  assert(dimension < shape.size() && shape[dimension] % slice.parts == 0);
  const std::int64_t part = shape[dimension] / slice.parts;
  assert(part % slice.degree == 0 || (dimension == 0 && slice.parts == 1));
  return {.outer = element_count(shape.first(dimension)),
          .part = part,
          .inner = element_count(shape.subspan(dimension + 1)),
          .shard = (part + slice.degree - 1) / slice.degree};
}

void append(ElementRanges& ranges, ElementRange range) {
  if (range.begin >= range.end) return;
  if (!ranges.empty() && ranges.back().end == range.begin) {
    ranges.back().end = range.end;
  } else {
    ranges.push_back(range);
  }
}

}  // namespace

std::vector<std::int64_t> slice_shape(std::span<const std::int64_t> shape, const Slice& slice) {
  std::vector<std::int64_t> result(shape.begin(), shape.end());
  if (slice.dimension < 0) return result;
  const SplitView view = split_view(shape, slice);
  result[static_cast<std::size_t>(slice.dimension)] = slice.parts * view.shard;
  return result;
}

ElementRanges slice_ranges(std::span<const std::int64_t> shape, const Slice& slice) {
  ElementRanges ranges;
  if (slice.dimension < 0) {
    append(ranges, {.begin = 0, .end = element_count(shape)});
    return ranges;
  }
  const SplitView view = split_view(shape, slice);
  const std::int64_t first = std::min(slice.index * view.shard, view.part);
  const std::int64_t last = std::min(first + view.shard, view.part);
  for (std::int64_t block = 0; block < view.outer * slice.parts; ++block) {
    append(ranges, {.begin = (block * view.part + first) * view.inner,
                    .end = (block * view.part + last) * view.inner});
  }
  return ranges;
}

}  // namespace galvatron
