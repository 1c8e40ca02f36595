#include "cost_models/overlap.h"

#include "test/catch.h"

namespace galvatron {
namespace {

TEST_CASE("without slowdown the longer one decides") {
  CHECK(overlapped_time(Seconds{3}, Seconds{2}, {.compute = 1, .traffic = 1}).value == 3);
  CHECK(overlapped_time(Seconds{2}, Seconds{3}, {.compute = 1, .traffic = 1}).value == 3);
}

TEST_CASE("slowed down by two each, overlap gains nothing") {
  CHECK(overlapped_time(Seconds{3}, Seconds{2}, {.compute = 2, .traffic = 2}).value == 5);
  CHECK(overlapped_time(Seconds{2}, Seconds{3}, {.compute = 2, .traffic = 2}).value == 5);
}

TEST_CASE("what ends last runs on at full speed") {
  // Traffic ends after 2 s, in which computation did 2 / 1.25 = 1.6 of its 4 s.
  CHECK(overlapped_time(Seconds{4}, Seconds{2}, {.compute = 1.25, .traffic = 1}).value ==
        Approx(2 + 2.4));
  // Computation ends after 1.25 s, in which traffic did all but 2.75 s.
  CHECK(overlapped_time(Seconds{1}, Seconds{4}, {.compute = 1.25, .traffic = 1}).value ==
        Approx(1.25 + 2.75));
}

TEST_CASE("overlap lies between the longer one and the sum, and nothing hides nothing") {
  for (const double traffic : {0.0, 0.5, 1.0, 2.0, 8.0}) {
    const double time =
        overlapped_time(Seconds{2}, Seconds{traffic}, {.compute = 1.25, .traffic = 1.1}).value;
    CHECK(time >= std::max(2.0, traffic));
    CHECK(time <= 2 + traffic);
  }
  CHECK(overlapped_time(Seconds{2}, Seconds{0}, {.compute = 1.25, .traffic = 1.1}).value == 2);
  CHECK(overlapped_time(Seconds{0}, Seconds{2}, {.compute = 1.25, .traffic = 1.1}).value == 2);
}

TEST_CASE("transmissions follow one another, each with its own slowdowns") {
  // The first takes 2 s and leaves 5 - 2/2 = 4 s of computation, beside which the second takes 3 s
  // and leaves 4 - 3/1 = 1 s.
  const Transmission first{.time = {1}, .slowdowns = {.compute = 2, .traffic = 2}};
  const Transmission second{.time = {2}, .slowdowns = {.compute = 1, .traffic = 1.5}};
  CHECK(overlapped_time(Seconds{5}, {first, second}).value == Approx(2 + 3 + 1));
  // One second of computation ends beside the first, of which half is left; the second is alone.
  CHECK(overlapped_time(Seconds{0.5}, {first, second}).value == Approx(1 + 0.5 + 2));
}

TEST_CASE("what a transmission takes from a longer computation is what it adds to its time") {
  const Transmission one{.time = {2}, .slowdowns = {.compute = 1.25, .traffic = 1.5}};
  CHECK(lost_time(one).value == Approx(overlapped_time(Seconds{9}, {one}).value - 9));
}

TEST_CASE("a collective has its own slowdowns as far as the profile knows them") {
  Overlap overlap{.compute_slowdown = 1.3, .traffic_slowdown = 1.2};
  overlap.all_gather = CollectiveOverlap{.traffic_slowdown = 1.1};
  overlap.send = CollectiveOverlap{.compute_slowdown = 1.4, .traffic_slowdown = 1};
  CHECK(slowdowns_beside(overlap, CollectiveKind::all_reduce) == Slowdowns{1.3, 1.2});
  CHECK(slowdowns_beside(overlap, CollectiveKind::all_gather) == Slowdowns{1.3, 1.1});
  CHECK(slowdowns_beside(overlap, CollectiveKind::send) == Slowdowns{1.4, 1});
  CHECK(slowdowns_beside(overlap, CollectiveKind::receive) == Slowdowns{1.4, 1});
}

TEST_CASE("the slowdowns of all collectives are the mean of those that are known") {
  Overlap overlap{.compute_slowdown = 1.3, .traffic_slowdown = 1.2};
  CHECK(mean_slowdowns(overlap) == Slowdowns{1.3, 1.2});
  overlap.all_reduce = CollectiveOverlap{.compute_slowdown = 1.5, .traffic_slowdown = 1};
  overlap.send = CollectiveOverlap{.compute_slowdown = 2, .traffic_slowdown = 1.5};
  CHECK(mean_slowdowns(overlap) == Slowdowns{1.75, 1.25});
}

TEST_CASE("slowdowns are found again from what each side exposed") {
  const Slowdowns slowdowns{.compute = 1.5, .traffic = 1.2};
  // One second of either beside three of the other.
  const double of_traffic = overlapped_time(Seconds{3}, Seconds{1}, slowdowns).value - 3;
  const double of_compute = overlapped_time(Seconds{1}, Seconds{3}, slowdowns).value - 3;
  const Slowdowns found = slowdowns_of(of_traffic, of_compute);
  CHECK(found.compute == Approx(1.5));
  CHECK(found.traffic == Approx(1.2));
}

TEST_CASE("what takes as long as one after the other slows down by two") {
  const Slowdowns found = slowdowns_of(1, 1.02);
  CHECK(found.compute == 2);
  CHECK(found.traffic == 2);
}

}  // namespace
}  // namespace galvatron
