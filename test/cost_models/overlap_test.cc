#include "cost_models/overlap.h"

#include "test/catch.h"

namespace galvatron {
namespace {

TEST_CASE("without slowdown the longer one decides") {
  CHECK(overlapped_time({3}, {2}, 1, 1).value == 3);
  CHECK(overlapped_time({2}, {3}, 1, 1).value == 3);
}

TEST_CASE("slowed down by two each, overlap gains nothing") {
  CHECK(overlapped_time({3}, {2}, 2, 2).value == 5);
  CHECK(overlapped_time({2}, {3}, 2, 2).value == 5);
}

TEST_CASE("what ends last runs on at full speed") {
  // Traffic ends after 2 s, in which computation did 2 / 1.25 = 1.6 of its 4 s.
  CHECK(overlapped_time({4}, {2}, 1.25, 1).value == Approx(2 + 2.4));
  // Computation ends after 1.25 s, in which traffic did all but 2.75 s.
  CHECK(overlapped_time({1}, {4}, 1.25, 1).value == Approx(1.25 + 2.75));
}

TEST_CASE("overlap lies between the longer one and the sum, and nothing hides nothing") {
  for (const double traffic : {0.0, 0.5, 1.0, 2.0, 8.0}) {
    const double time = overlapped_time({2}, {traffic}, 1.25, 1.1).value;
    CHECK(time >= std::max(2.0, traffic));
    CHECK(time <= 2 + traffic);
  }
  CHECK(overlapped_time({2}, {0}, 1.25, 1.1).value == 2);
  CHECK(overlapped_time({0}, {2}, 1.25, 1.1).value == 2);
}

TEST_CASE("slowdowns are found again from what each side exposed") {
  const Overlap overlap{.compute_slowdown = 1.5, .traffic_slowdown = 1.2};
  // One second of either beside three of the other.
  const double of_traffic = overlapped_time({3}, {1}, overlap).value - 3;
  const double of_compute = overlapped_time({1}, {3}, overlap).value - 3;
  const Overlap found = slowdowns_of(of_traffic, of_compute);
  CHECK(found.compute_slowdown == Approx(1.5));
  CHECK(found.traffic_slowdown == Approx(1.2));
}

TEST_CASE("what takes as long as one after the other slows down by two") {
  const Overlap found = slowdowns_of(1, 1.02);
  CHECK(found.compute_slowdown == 2);
  CHECK(found.traffic_slowdown == 2);
}

}  // namespace
}  // namespace galvatron
