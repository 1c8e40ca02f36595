#include "cost_models/timing_of.h"

#include "test/catch.h"

namespace galvatron {
namespace {

TEST_CASE("a timing is median, minimum and 95th percentile") {
  // Sorted 1 ... 5: the 95th percentile lies at place 3.8 of 0 ... 4.
  const Timing timing = timing_of({{5}, {1}, {4}, {2}, {3}});
  CHECK(timing.median.value == 3);
  CHECK(timing.minimum.value == 1);
  CHECK(timing.p95.value == Approx(4.8));
  CHECK(timing.repetitions == 5);
}

}  // namespace
}  // namespace galvatron
