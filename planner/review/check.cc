#include "planner/review/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "planner/plan/hardware_yaml.h"
#include "planner/plan/profile_match.h"
#include "planner/plan/published_plan.h"
#include "planner/plan/published_profile.h"
#include "planner/plan/structure.h"
#include "planner/schedule/price.h"

namespace galvatron {
namespace {

using Findings = std::vector<Finding>;

// Other compilers round sums of doubles in other places.
constexpr double kTimeTolerance = 1e-9;

bool differ(Seconds told, Seconds priced) {
  return std::abs(told.value - priced.value) > kTimeTolerance * std::abs(priced.value);
}

Findings check_executable(const Plan& plan, const LayerGraph& graph) {
  Findings findings;
  for (const StructureProblem& problem : check_structure(plan, graph)) {
    findings.push_back({"structure", to_text(problem)});
  }
  return findings;
}

// Whether the inputs say enough to price the plan with them.
Findings check_inputs(const Plan& plan, const LayerGraph& graph) {
  if (!plan.inputs) return {{"inputs", "the plan holds no inputs to price it with"}};
  const auto& [hardware, runtime, profile, budget, reserve, search] = *plan.inputs;
  Findings findings;
  for (const std::string& key : missing_keys(hardware)) {
    findings.push_back({"inputs", fmt::format("the hardware profile lacks {}", key)});
  }
  if (device_count(hardware) != plan.devices) {
    findings.push_back({"inputs", fmt::format("the plan is for {} devices, its hardware has {}",
                                              plan.devices, device_count(hardware))});
  }
  const Precision precision = plan.job.precision;
  if (!computes_in(hardware, precision) || !runtime.states[precision] ||
      !runtime.update[precision]) {
    findings.push_back({"inputs", fmt::format("hardware or runtime say nothing about {}",
                                              name_of(kPrecisionNames, precision))});
  }
  if (!profile) return findings;
  const ProfileMismatch mismatch = profile_mismatch(
      *profile, {.graph = graph, .precision = precision, .dropout = plan.job.dropout});
  if (!mismatch.key.empty()) {
    findings.push_back(
        {"inputs", fmt::format("the model profile: {} {}", mismatch.key, mismatch.message)});
  }
  return findings;
}

// Whether the published cost model has a price for the plan.
Findings check_published_costs(const Plan& plan, const LayerGraph& graph) {
  Findings findings;
  if (!plan.inputs->hardware.published) return findings;
  const PublishedMatch match = match_published(*plan.inputs->hardware.published, plan.model, graph);
  if (match.model == nullptr) return {{"inputs", match.problem}};
  for (const StructureProblem& problem : check_published(plan, graph)) {
    findings.push_back({"structure", to_text(problem)});
  }
  return findings;
}

void check_time(Findings& findings, const std::string& what, Seconds told, Seconds priced) {
  if (!differ(told, priced)) return;
  findings.push_back({"time", fmt::format("{} is {:.9g} s in the plan, {:.9g} s priced again", what,
                                          told.value, priced.value)});
}

void check_memory(Findings& findings, int stage, const MemoryParts& told,
                  const MemoryParts& priced) {
  std::vector<Bytes> again;
  for_each_field(priced, [&](const char*, Bytes part) { again.push_back(part); });
  auto part_again = again.begin();
  for_each_field(told, [&](const char* name, Bytes part) {
    const Bytes expected = *part_again++;
    if (part == expected) return;
    findings.push_back({"memory", fmt::format("stage {}: {} are {} bytes in the plan, {} priced "
                                              "again",
                                              stage, name, part.value, expected.value)});
  });
}

Findings check_prediction(const Plan& plan, const Prediction& priced) {
  Findings findings;
  const Prediction& told = plan.predicted;
  check_time(findings, "the step", told.step, priced.step);
  check_time(findings, "the closed form", told.closed_form, priced.closed_form);
  for (std::size_t index = 0; index < std::min(told.stages.size(), priced.stages.size()); ++index) {
    const int stage = static_cast<int>(index);
    check_time(findings, fmt::format("a micro-batch of stage {}", stage),
               told.stages[index].seconds_per_micro_batch,
               priced.stages[index].seconds_per_micro_batch);
    check_memory(findings, stage, told.stages[index].memory, priced.stages[index].memory);
  }
  if (told.stages.size() != priced.stages.size()) {
    findings.push_back({"memory", fmt::format("the plan predicts {} stages and has {}",
                                              told.stages.size(), priced.stages.size())});
  }
  return findings;
}

Findings check_budget(const Plan& plan, const Prediction& priced) {
  Findings findings;
  const Bytes budget = plan.inputs->memory_budget;
  for (std::size_t stage = 0; stage < priced.stages.size(); ++stage) {
    const Bytes needed = total(priced.stages[stage].memory);
    if (needed <= budget) continue;
    findings.push_back(
        {"budget", fmt::format("stage {} needs {} bytes, {} more than the budget of "
                               "{}",
                               stage, needed.value, (needed - budget).value, budget.value)});
  }
  return findings;
}

// The bound may not exceed what it bounds, the gap must be what lies between the two, and a plan is
// optimal where nothing does.
Findings check_certificate(const Plan& plan, const Prediction& priced) {
  if (!plan.certificate) return {};
  const auto& [optimal, bound, gap] = *plan.certificate;
  const double real_gap = 1 - bound / priced.closed_form;
  if (real_gap < -kTimeTolerance) {
    return {{"certificate", fmt::format("the lower bound of {:.9g} s is above the closed "
                                        "form of {:.9g} s",
                                        bound.value, priced.closed_form.value)}};
  }
  Findings findings;
  if (std::abs(gap - real_gap) > kTimeTolerance) {
    findings.push_back({"certificate", fmt::format("the gap is {:.3g} in the plan, {:.3g} from its "
                                                   "lower bound",
                                                   gap, real_gap)});
  }
  if (optimal != (gap == 0)) {
    findings.push_back(
        {"certificate", fmt::format("optimal is {} in the plan beside a gap of {:.3g}",
                                    optimal ? "true" : "false", gap)});
  }
  return findings;
}

}  // namespace

std::vector<Finding> check_priceable(const Plan& plan) {
  const LayerGraph graph = build_layer_graph(plan.model);
  Findings findings = check_executable(plan, graph);
  const Findings inputs = check_inputs(plan, graph);
  findings.insert(findings.end(), inputs.begin(), inputs.end());
  return findings.empty() ? check_published_costs(plan, graph) : findings;
}

std::vector<Finding> check(const Plan& plan) {
  Findings findings = check_priceable(plan);
  if (!findings.empty()) return findings;
  const Prediction priced = price(plan, build_layer_graph(plan.model));
  for (const Findings& more : {check_prediction(plan, priced), check_budget(plan, priced),
                               check_certificate(plan, priced)}) {
    findings.insert(findings.end(), more.begin(), more.end());
  }
  return findings;
}

std::optional<Prediction> priced_again(const Plan& plan) {
  const LayerGraph graph = build_layer_graph(plan.model);
  if (!check_priceable(plan).empty()) return std::nullopt;
  return price(plan, graph);
}

}  // namespace galvatron
