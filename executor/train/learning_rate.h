// The learning rate of each step: constant or falling along half a cosine, after a linear warmup.
#pragma once

#include <cstdint>

#include "cost_models/named_values.h"

namespace galvatron {

enum class LearningRateSchedule { constant, cosine };

inline constexpr NamedValues<LearningRateSchedule, 2> kLearningRateScheduleNames{
    {{LearningRateSchedule::constant, "constant"}, {LearningRateSchedule::cosine, "cosine"}}};

struct LearningRate {
  LearningRateSchedule schedule = LearningRateSchedule::constant;
  double peak = 1e-3;
  double minimum = 0;  // where the cosine ends
  std::int64_t warmup_steps = 0;

  bool operator==(const LearningRate&) const = default;
};

// Step s counts from 0, of n steps, w of them warmup:
//   s < w      peak (s + 1) / w
//   constant   peak
//   cosine     minimum + (peak - minimum) (1 + cos(pi (s - w) / (n - w))) / 2
double learning_rate_at(const LearningRate& rate, std::int64_t step, std::int64_t steps);

}  // namespace galvatron
