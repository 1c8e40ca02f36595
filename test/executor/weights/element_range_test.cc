#include "executor/weights/element_range.h"

#include "test/catch.h"

namespace galvatron {

TEST_CASE("a part of ranges counts their elements one after another") {
  // Elements in order: 10 11 12 20 21 30 31 32 33.
  const ElementRanges ranges = {{10, 13}, {20, 22}, {30, 34}};
  CHECK(part_of(ranges, {0, 9}) == ranges);
  CHECK(part_of(ranges, {2, 6}) == ElementRanges{{12, 13}, {20, 22}, {30, 31}});
  CHECK(part_of(ranges, {3, 5}) == ElementRanges{{20, 22}});
  CHECK(part_of(ranges, {4, 4}).empty());
}

TEST_CASE("a part beyond the last element is left out") {
  const ElementRanges ranges = {{10, 13}};
  CHECK(part_of(ranges, {2, 8}) == ElementRanges{{12, 13}});
  CHECK(part_of(ranges, {3, 8}).empty());
}

TEST_CASE("a scalar has one element") {
  CHECK(element_count(std::span<const std::int64_t>()) == 1);
}

}  // namespace galvatron
