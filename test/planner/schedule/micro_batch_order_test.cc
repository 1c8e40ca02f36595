#include "planner/schedule/micro_batch_order.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "cost_models/pipeline.h"
#include "test/catch.h"

namespace galvatron {
namespace {

std::string order_of(Schedule schedule, const PipelinePosition& position) {
  std::string text;
  for (const Pass& pass : micro_batch_order(schedule, position)) {
    text +=
        fmt::format("{}{} ", pass.direction == Direction::forward ? 'F' : 'B', pass.micro_batch);
  }
  return text;
}

TEST_CASE("1F1B warms up by one forward per stage behind") {
  CHECK(order_of(Schedule::one_f_one_b, {.stage = 0, .stages = 3, .micro_batches = 4}) ==
        "F0 F1 F2 B0 F3 B1 B2 B3 ");
  CHECK(order_of(Schedule::one_f_one_b, {.stage = 1, .stages = 3, .micro_batches = 4}) ==
        "F0 F1 B0 F2 B1 F3 B2 B3 ");
  CHECK(order_of(Schedule::one_f_one_b, {.stage = 2, .stages = 3, .micro_batches = 4}) ==
        "F0 B0 F1 B1 F2 B2 F3 B3 ");
}

TEST_CASE("1F1B with fewer micro-batches than stages runs all forwards first where it must") {
  CHECK(order_of(Schedule::one_f_one_b, {.stage = 0, .stages = 4, .micro_batches = 2}) ==
        "F0 F1 B0 B1 ");
}

TEST_CASE("GPipe runs all forwards, then all backwards") {
  CHECK(order_of(Schedule::gpipe, {.stage = 1, .stages = 2, .micro_batches = 3}) ==
        "F0 F1 F2 B0 B1 B2 ");
}

TEST_CASE("a schedule holds as many micro-batches as memory is counted for") {
  for (const Schedule schedule : {Schedule::one_f_one_b, Schedule::gpipe}) {
    for (int stages = 1; stages <= 5; ++stages) {
      for (int stage = 0; stage < stages; ++stage) {
        for (std::int64_t micro_batches = 1; micro_batches <= 7; ++micro_batches) {
          std::int64_t held = 0;
          std::int64_t most = 0;
          for (const Pass& pass : micro_batch_order(schedule, {stage, stages, micro_batches})) {
            held += pass.direction == Direction::forward ? 1 : -1;
            most = std::max(most, held);
          }
          CHECK(held == 0);
          CHECK(most == micro_batches_in_flight(schedule, stages, stage, micro_batches));
        }
      }
    }
  }
}

}  // namespace
}  // namespace galvatron
