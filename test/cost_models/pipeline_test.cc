#include "cost_models/pipeline.h"

#include "test/catch.h"

namespace galvatron {
namespace {

StageTimes stage(double micro_batch) {
  return {.micro_batch = {micro_batch}, .backward = {micro_batch / 2}};
}

TEST_CASE("one stage takes its micro-batches one after another") {
  CHECK(closed_form_time({stage(3)}, 5).value == 15);
}

TEST_CASE("equal stages take m + P - 1 rounds") {
  CHECK(closed_form_time({stage(2), stage(2), stage(2), stage(2)}, 8).value == 22);
}

TEST_CASE("uneven stages wait for the slowest") {
  // 1 + 4 + 2, then three more of the slowest.
  CHECK(closed_form_time({stage(1), stage(4), stage(2)}, 4).value == 19);
}

TEST_CASE("a later stage's gradient traffic hides behind the backward of the stages before it") {
  std::vector<StageTimes> stages{stage(4), stage(4), stage(4)};
  const double without = closed_form_time(stages, 6).value;
  stages[2].exposed_sync = {4};  // two backward passes of 2 come before
  CHECK(closed_form_time(stages, 6).value == without);
  stages[2].exposed_sync = {5};
  CHECK(closed_form_time(stages, 6).value == without + 1);
  stages[0].exposed_sync = {3};
  CHECK(closed_form_time(stages, 6).value == without + 3);
}

TEST_CASE("the slowest optimizer ends the step") {
  std::vector<StageTimes> stages{stage(4), stage(4)};
  const double without = closed_form_time(stages, 3).value;
  stages[0].optimizer = {0.5};
  stages[1].optimizer = {0.25};
  CHECK(closed_form_time(stages, 3).value == without + 0.5);
}

TEST_CASE("1F1B holds fewer micro-batches on later stages, GPipe holds all") {
  CHECK(micro_batches_in_flight(Schedule::one_f_one_b, 4, 0, 8) == 4);
  CHECK(micro_batches_in_flight(Schedule::one_f_one_b, 4, 3, 8) == 1);
  CHECK(micro_batches_in_flight(Schedule::one_f_one_b, 4, 0, 2) == 2);
  CHECK(micro_batches_in_flight(Schedule::gpipe, 4, 3, 8) == 8);
}

TEST_CASE("chunks shorten what fills and drains the pipeline") {
  // 8 rounds of the slowest, and of the other three stages' 2 each a fourth.
  CHECK(closed_form_time({stage(2), stage(2), stage(2), stage(2)}, 8, 4).value == 16 + 6.0 / 4);
  CHECK(closed_form_time({stage(2), stage(4)}, 4, 2).value == 16 + 1);
}

TEST_CASE("interleaved stages hold more than a micro-batch's chunks ahead") {
  // 2 (P - i - 1) + (v - 1) P + 1
  CHECK(chunks_in_flight({.stages = 8, .stage = 0, .virtual_stages = 3}, 64) == 31);
  CHECK(chunks_in_flight({.stages = 8, .stage = 7, .virtual_stages = 3}, 64) == 17);
  CHECK(chunks_in_flight({.stages = 8, .stage = 0, .virtual_stages = 3}, 8) == 24);
}

}  // namespace
}  // namespace galvatron
