// What one rank of a tensor group holds of a parameter, as elements of the whole parameter.
//
// The split dimension may consist of equal parts that are split one by one: GPT-2's c_attn
// [hidden, 3 hidden] is q|k|v, and a rank holds its heads' columns of each. A vocabulary need not
// be a multiple of the degree: it is padded, the last shards run past the real rows, and these
// padding elements come last in the shard and are zero.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "executor/weights/element_range.h"

namespace galvatron {

struct Slice {
  int dimension = -1;  // the one that is split; -1: every rank holds the whole tensor
  int parts = 1;       // equal sub-blocks of that dimension, each split by itself
  int index = 0;       // of this shard
  int degree = 1;      // number of shards

  bool operator==(const Slice&) const = default;
};

// Requires, as slice_ranges does, that parts divides the extent of the split dimension, and that
// the degree divides such a part unless it is dimension 0 in one part, which is padded.
std::vector<std::int64_t> slice_shape(std::span<const std::int64_t> shape, const Slice& slice);

// The shard's elements in the order of its own rows, neighbours merged, padding left out: fewer
// elements than slice_shape has where the shard is padded.
ElementRanges slice_ranges(std::span<const std::int64_t> shape, const Slice& slice);

}  // namespace galvatron
