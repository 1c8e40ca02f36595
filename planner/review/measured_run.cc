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

Bytes part_named(const MemoryParts& memory, std::string_view wanted) {
  Bytes found;
  for_each_field(memory, [&](std::string_view name, Bytes part) {
    if (name == wanted) found = part;
  });
  return found;
}

std::vector<PartBytes> parts_beside(const MemoryParts& predicted, const PeakParts& counted) {
  std::vector<PartBytes> parts;
  for_each_part(counted, [&](const char* name, Bytes part) {
    parts.push_back({.name = name, .predicted = part_named(predicted, name), .counted = part});
  });
  return parts;
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
    const MemoryParts& predicted = plan.predicted.stages[stage].memory;
    StageBytes& bytes = run.stages.emplace_back(
        StageBytes{.predicted = tensors(predicted), .counted = log.stage_peaks[stage]});
    if (!log.stage_parts.empty()) bytes.parts = parts_beside(predicted, log.stage_parts[stage]);
  }
  return run;
}

std::vector<std::vector<OpSeconds>> beside(const OpTimes& predicted, const OpTimes& measured) {
  const auto time_of = [](const std::map<OpKind, Seconds>& times, OpKind kind) {
    const auto found = times.find(kind);
    return found == times.end() ? Seconds{} : found->second;
  };
  std::vector<std::vector<OpSeconds>> stages(predicted.size());
  for (std::size_t stage = 0; stage < stages.size(); ++stage) {
    for (const auto& [kind, name] : kOpNames) {
      const OpSeconds times{.name = name,
                            .predicted = time_of(predicted[stage], kind),
                            .measured = time_of(measured[stage], kind)};
      if (times.predicted + times.measured > Seconds{}) stages[stage].push_back(times);
    }
  }
  return stages;
}

}  // namespace galvatron
