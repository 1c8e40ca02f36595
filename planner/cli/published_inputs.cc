#include "planner/cli/published_inputs.h"

#include <fmt/format.h>

#include <algorithm>

#include "planner/cli/failure.h"
#include "planner/plan/published_plan.h"
#include "planner/plan/published_profile.h"
#include "planner/schedule/price.h"

namespace galvatron {
namespace {
// The options that were given and that the published search has no use for: it proves the optimum
// in milliseconds on one thread.
std::vector<std::string> options_without_meaning(const PublishedArguments& arguments) {
  const auto& [given, search] = arguments;
  std::vector<std::string> refused;
  const auto refuse_if = [&](bool is_given, const char* name) {
    if (is_given) refused.emplace_back(name);
  };
  refuse_if(search.gap.value_or(0) != 0, "--gap");
  refuse_if(!search.time_limit.empty(), "--time-limit");
  refuse_if(search.threads != 1, "--threads");
  refuse_if(given.runtime != InputArguments{}.runtime, "--runtime");
  refuse_if(!given.profile.empty(), "--profile");
  refuse_if(given.nodes.has_value(), "--nodes");
  refuse_if(given.devices_per_node.has_value(), "--devices-per-node");
  refuse_if(!given.memory_reserve.empty(), "--memory-reserve");
  refuse_if(given.clip_grad_norm.has_value(), "--clip-grad-norm");
  refuse_if(given.no_dropout, "--no-dropout");
  return refused;
}

void refuse_batches(const std::vector<std::int64_t>& batches) {
  const auto odd = std::find_if(batches.begin(), batches.end(),
                                [](std::int64_t batch) { return batch % kPublishedDevices != 0; });
  if (odd == batches.end()) return;
  throw UsageError(
      fmt::format("--global-batch must be multiples of {} under a published profile, "
                  "got {}",
                  kPublishedDevices, *odd));
}

// The space under `--only`.
SearchSpace published_space(const std::vector<AxisRestriction>& only, const Runtime& runtime) {
  const SpaceReading reading = read_published_space(only, runtime);
  if (!reading.problems.empty()) {
    throw UsageError("--only: " + reading.problems.front().message, reading.problems.front().hint);
  }
  return reading.space;
}

const PublishedModel& constants_of(const PublishedArguments& arguments,
                                   const PlanningInputs& inputs, const LayerGraph& graph) {
  const PublishedMatch match =
      match_published(*inputs.inputs.hardware.published, inputs.model, graph);
  if (match.model != nullptr) return *match.model;
  throw SpecError(Diagnostic{.code = "no_constants",
                             .message = match.problem,
                             .file = arguments.inputs.model,
                             .hint = "plan this model with a profile of rates, such as cpu_local"});
}

}  // namespace

SearchOptions published_options(const PublishedArguments& arguments, const Hardware& hardware) {
  const std::vector<std::string> refused = options_without_meaning(arguments);
  if (!refused.empty()) {
    throw UsageError(
        fmt::format("{} {} no meaning under the published cost model of {}",
                    fmt::join(refused, ", "), refused.size() == 1 ? "has" : "have", hardware.name),
        "its space and constants are fixed: see docs/published_model.md");
  }
  SearchOptions options{.only = {}, .gap = 0};
  for (const std::string& text : arguments.search.only) {
    options.only.push_back(parse_restriction("--only", text));
  }
  return options;
}

PublishedRequest published_request(const PublishedArguments& arguments,
                                   const PlanningInputs& inputs, const LayerGraph& graph) {
  refuse_batches(inputs.global_batches);
  return {.costs = *inputs.inputs.hardware.published,
          .model = constants_of(arguments, inputs, graph),
          .space = published_space(inputs.inputs.search.only, inputs.inputs.runtime),
          .global_batches = inputs.global_batches,
          .memory_budget = inputs.inputs.memory_budget};
}

Plan priced_plan(const PublishedSubject& subject, const PublishedRequest& request,
                 const PublishedPlan& plan) {
  const PublishedSetting setting{request.costs, request.model, pipeline_degree(plan),
                                 plan.global_batch};
  Plan priced =
      published_plan(subject.model, subject.graph, {setting, plan.assignment, subject.inputs});
  priced.predicted = price(priced, subject.graph);
  priced.certificate =
      Certificate{.optimal = true, .lower_bound = priced.predicted.closed_form, .gap = 0};
  return priced;
}

}  // namespace galvatron
