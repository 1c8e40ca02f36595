#include "planner/search/picoseconds.h"

#include <limits>
#include <stdexcept>

#include "test/catch.h"

namespace galvatron {

TEST_CASE("times are rounded to whole picoseconds") {
  CHECK(picoseconds({0}) == 0);
  CHECK(picoseconds({1.4e-12}) == 1);
  CHECK(picoseconds({1.6e-12}) == 2);
  CHECK(picoseconds({3600}) == 3'600'000'000'000'000);
}

TEST_CASE("a time that no step takes is refused") {
  for (const double seconds : {-1e-9, 1e7, std::numeric_limits<double>::infinity(),
                               std::numeric_limits<double>::quiet_NaN()}) {
    INFO(seconds);
    CHECK_THROWS_AS(picoseconds({seconds}), std::range_error);
  }
}

}  // namespace galvatron
