// What a plan predicted beside what its run measured.
#pragma once

#include <vector>

#include "planner/files/run_log.h"
#include "planner/plan/plan.h"

namespace galvatron {

struct StageBytes {
  Bytes predicted;  // of tensors: without context, communicators and reserve
  Bytes counted;

  bool operator==(const StageBytes&) const = default;
};

struct MeasuredRun {
  Seconds predicted{};
  Seconds median{};
  Seconds fastest{};
  std::size_t steps = 0;  // that these are of
  std::size_t first = 0;  // steps before them, while memory is touched first
  std::vector<StageBytes> stages;
};

// Requires a priced plan. Throws SpecError, of file `path`, for a log of another number of stages.
MeasuredRun beside(const Plan& plan, const RunLog& log, const std::string& path);

}  // namespace galvatron
