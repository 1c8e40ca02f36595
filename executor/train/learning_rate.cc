#include "executor/train/learning_rate.h"

#include <cmath>
#include <numbers>

namespace galvatron {

double learning_rate_at(const LearningRate& rate, std::int64_t step, std::int64_t steps) {
  if (step < rate.warmup_steps) {
    return rate.peak * static_cast<double>(step + 1) / static_cast<double>(rate.warmup_steps);
  }
  if (rate.schedule == LearningRateSchedule::constant) return rate.peak;
  const double progress = static_cast<double>(step - rate.warmup_steps) /
                          static_cast<double>(steps - rate.warmup_steps);
  return rate.minimum +
         (rate.peak - rate.minimum) * (1 + std::cos(std::numbers::pi * progress)) / 2;
}

}  // namespace galvatron
