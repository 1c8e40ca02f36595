// What one step trains on, however it is stored.
#pragma once

#include <cstdint>
#include <functional>

#include "executor/data/sample.h"

namespace galvatron {

struct StepInput {
  std::int64_t step = 0;  // from 0; separates the dropout of steps
  std::uint64_t seed = 0;
  double learning_rate = 1e-3;
  // Of the whole global batch, not ignored: what the sums of the losses are divided by.
  double targets = 1;
  double next_sentence_targets = 1;
  std::function<Sample(std::int64_t number)> sample;  // 0 <= number < global batch
};

}  // namespace galvatron
