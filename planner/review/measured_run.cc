#include "planner/review/measured_run.h"

#include <fmt/format.h>

#include <algorithm>

#include "planner/files/spec_error.h"

namespace galvatron {
namespace {

constexpr std::size_t kWarmUpSteps = 2;

Bytes tensors(const MemoryParts& memory) {
  return total(memory) - memory.context - memory.communicators - memory.reserve;
}

Seconds median(std::vector<Seconds> times) {
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  return *middle;
}

}  // namespace

MeasuredRun beside(const Plan& plan, const RunLog& log, const std::string& path) {
  if (log.stage_peaks.size() != plan.stages.size()) {
    throw SpecError(
        Diagnostic{.code = "another_plan",
                   .message = fmt::format("is the log of a run of {} stages, the plan has {}",
                                          log.stage_peaks.size(), plan.stages.size()),
                   .file = path});
  }
  const std::size_t first = log.steps.size() > 2 * kWarmUpSteps ? kWarmUpSteps : 0;
  const std::vector<Seconds> steps(log.steps.begin() + static_cast<std::ptrdiff_t>(first),
                                   log.steps.end());
  MeasuredRun run{.predicted = plan.predicted.step,
                  .median = median(steps),
                  .fastest = *std::min_element(steps.begin(), steps.end()),
                  .steps = steps.size(),
                  .first = first,
                  .stages = {}};
  for (std::size_t stage = 0; stage < plan.stages.size(); ++stage) {
    run.stages.push_back({.predicted = tensors(plan.predicted.stages[stage].memory),
                          .counted = log.stage_peaks[stage]});
  }
  return run;
}

}  // namespace galvatron
