// What one step trains on, however it is stored.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace galvatron {

// One sample of the global batch: ids and targets, [sequence length] each; -100 is no target.
struct Sample {
  std::vector<std::int64_t> tokens;
  std::vector<std::int64_t> targets;
};

struct StepInput {
  std::int64_t step = 0;  // from 0; separates the dropout of steps
  std::uint64_t seed = 0;
  double learning_rate = 1e-3;
  double targets =
      1;  // of the whole global batch that are not ignored: what the loss is divided by
  std::function<Sample(std::int64_t number)> sample;  // 0 <= number < global batch
};

}  // namespace galvatron
