#include "executor/train/learning_rate.h"

#include "test/catch.h"

namespace galvatron {
namespace {

TEST_CASE("without warmup a constant rate is its peak from the first step on") {
  CHECK(learning_rate_at({.peak = 0.25}, 0, 10) == 0.25);
  CHECK(learning_rate_at({.peak = 0.25}, 9, 10) == 0.25);
}

TEST_CASE("warmup rises in equal parts to the peak") {
  const LearningRate rate{.peak = 1.0, .warmup_steps = 4};
  CHECK(learning_rate_at(rate, 0, 10) == 0.25);
  CHECK(learning_rate_at(rate, 3, 10) == 1.0);
}

TEST_CASE("the cosine is at its middle halfway and heads for its minimum") {
  const LearningRate rate{
      .schedule = LearningRateSchedule::cosine, .peak = 1.0, .minimum = 0.2, .warmup_steps = 2};
  CHECK(learning_rate_at(rate, 2, 12) == Approx(1.0));
  CHECK(learning_rate_at(rate, 7, 12) == Approx(0.6));
  CHECK(learning_rate_at(rate, 11, 12) == Approx(0.2 + 0.4 * (1 - 0.9510565163)));
}

}  // namespace
}  // namespace galvatron
