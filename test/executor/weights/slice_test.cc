#include "executor/weights/slice.h"

#include <algorithm>
#include <string>

#include "test/catch.h"

namespace galvatron {
namespace {

using Shape = std::vector<std::int64_t>;

// How often each element of the whole tensor is held by the shards together.
std::vector<int> times_held(const Shape& shape, Slice slice) {
  std::vector<int> times(static_cast<std::size_t>(element_count(shape)), 0);
  for (slice.index = 0; slice.index < slice.degree; ++slice.index) {
    for (const ElementRange& range : slice_ranges(shape, slice)) {
      for (std::int64_t i = range.begin; i < range.end; ++i) ++times[static_cast<std::size_t>(i)];
    }
  }
  return times;
}

}  // namespace

TEST_CASE("a replicated tensor is one range") {
  const Slice slice{.dimension = -1, .parts = 1, .index = 3, .degree = 4};
  CHECK(slice_ranges(Shape{3, 5}, slice) == ElementRanges{{0, 15}});
  CHECK(slice_shape(Shape{3, 5}, slice) == Shape{3, 5});
}

TEST_CASE("rows split into one range") {
  const Slice slice{.dimension = 0, .parts = 1, .index = 1, .degree = 2};
  CHECK(slice_ranges(Shape{4, 5}, slice) == ElementRanges{{10, 20}});
  CHECK(slice_shape(Shape{4, 5}, slice) == Shape{2, 5});
}

TEST_CASE("columns split into one range per row") {
  const Slice slice{.dimension = 1, .parts = 1, .index = 1, .degree = 3};
  CHECK(slice_ranges(Shape{2, 6}, slice) == ElementRanges{{2, 4}, {8, 10}});
  CHECK(slice_shape(Shape{2, 6}, slice) == Shape{2, 2});
}

TEST_CASE("every part is split by itself") {
  // c_attn of hidden 4, two shards: row 0 is q0 q1 q2 q3 k0 k1 k2 k3 v0 v1 v2 v3. Shard 1 holds
  // q2 q3 k2 k3 v2 v3.
  const Slice slice{.dimension = 1, .parts = 3, .index = 1, .degree = 2};
  CHECK(slice_ranges(Shape{2, 12}, slice) ==
        ElementRanges{{2, 4}, {6, 8}, {10, 12}, {14, 16}, {18, 20}, {22, 24}});
  CHECK(slice_shape(Shape{2, 12}, slice) == Shape{2, 6});
  CHECK(slice_ranges(Shape{12}, {.dimension = 0, .parts = 3, .index = 1, .degree = 2}) ==
        ElementRanges{{2, 4}, {6, 8}, {10, 12}});
}

TEST_CASE("a vocabulary is padded to the degree and the padding left out") {
  // 131 rows over 4 shards of 33: the last holds rows 99 ... 130 and one of padding.
  const Shape shape = {131, 2};
  const auto shard = [](int index) { return Slice{.dimension = 0, .index = index, .degree = 4}; };
  CHECK(slice_ranges(shape, shard(0)) == ElementRanges{{0, 66}});
  CHECK(slice_ranges(shape, shard(3)) == ElementRanges{{198, 262}});
  CHECK(slice_shape(shape, shard(3)) == Shape{33, 2});
}

TEST_CASE("a shard of padding alone has no elements") {
  // 5 rows over 4 shards of 2: shard 2 holds one real row, shard 3 none.
  const Shape shape = {5, 3};
  CHECK(slice_ranges(shape, {.dimension = 0, .index = 2, .degree = 4}) == ElementRanges{{12, 15}});
  CHECK(slice_ranges(shape, {.dimension = 0, .index = 3, .degree = 4}).empty());
  CHECK(slice_shape(shape, {.dimension = 0, .index = 3, .degree = 4}) == Shape{2, 3});
}

TEST_CASE("one shard is the whole tensor in one range") {
  for (const int dimension : {0, 1, 2}) {
    const Slice slice{.dimension = dimension, .parts = 2, .index = 0, .degree = 1};
    CHECK(slice_ranges(Shape{4, 6, 2}, slice) == ElementRanges{{0, 48}});
  }
}

TEST_CASE("the shards hold every element once") {
  for (const int dimension : {0, 1, 2}) {
    for (const int parts : {1, 2, 3}) {
      for (const int degree : {1, 2, 4}) {
        const auto times = times_held({24, 48, 72}, {dimension, parts, 0, degree});
        CHECK(std::all_of(times.begin(), times.end(), [](int count) { return count == 1; }));
      }
    }
  }
  for (int rows = 1; rows < 20; ++rows) {
    for (int degree = 1; degree < 9; ++degree) {
      const auto times = times_held({rows, 3}, {.dimension = 0, .degree = degree});
      CHECK(std::all_of(times.begin(), times.end(), [](int count) { return count == 1; }));
    }
  }
}

}  // namespace galvatron
