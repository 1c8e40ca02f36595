// What a plan predicted beside what its run measured.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "planner/files/run_log.h"
#include "planner/plan/plan.h"
#include "planner/schedule/op_times.h"

namespace galvatron {

// Of one category: parameters, gradients, optimizer, activations or transient.
struct PartBytes {
  std::string_view name;
  Bytes predicted;
  Bytes counted;

  bool operator==(const PartBytes&) const = default;
};

struct StageBytes {
  Bytes predicted;  // of tensors: without context, communicators and reserve
  Bytes counted;
  std::vector<PartBytes> parts{};  // at the peak; empty where the log does not say

  bool operator==(const StageBytes&) const = default;
};

// Of all operations of a kind on one stage, per step.
struct OpSeconds {
  std::string_view name;
  Seconds predicted{};
  Seconds measured{};

  bool operator==(const OpSeconds&) const = default;
};

struct MeasuredRun {
  Seconds predicted{};
  Seconds median{};
  Seconds fastest{};
  std::size_t steps = 0;  // that these are of
  std::size_t first = 0;  // steps before them, while memory is touched first
  std::vector<StageBytes> stages;
  std::vector<std::vector<OpSeconds>> operations{};  // by stage; empty without a trace
};

// Requires a priced plan. Throws SpecError, of file `path`, for a log of another number of stages.
MeasuredRun beside(const Plan& plan, const RunLog& log, const std::string& path);

// What takes no time in either is left out.
std::vector<std::vector<OpSeconds>> beside(const OpTimes& predicted, const OpTimes& measured);

}  // namespace galvatron
