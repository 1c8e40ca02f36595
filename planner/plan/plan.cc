#include "planner/plan/plan.h"

#include <algorithm>
#include <cassert>

namespace galvatron {

Bytes peak_bytes(const Plan& plan) {
  Bytes peak;
  for (const StagePrediction& stage : plan.predicted.stages) {
    peak = std::max(peak, total(stage.memory));
  }
  return peak;
}

int stage_of(const Plan& plan, int layer) {
  const auto stage =
      std::find_if(plan.stages.begin(), plan.stages.end(),
                   [&](const StageRange& range) { return layer <= range.last_layer; });
  assert(stage != plan.stages.end());
  return static_cast<int>(stage - plan.stages.begin());
}

}  // namespace galvatron
