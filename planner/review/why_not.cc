#include "planner/review/why_not.h"

#include <algorithm>

#include "planner/plan/placement.h"

namespace galvatron {
namespace {

bool allows_layer(const SearchSpace& space, const Strategy& strategy, const Layer& layer) {
  const bool both_split = strategy.tensor > 1 && strategy.data > 1;
  return allows<std::int64_t>(space.tensor, strategy.tensor) &&
         allows<std::int64_t>(space.data, strategy.data) &&
         (!both_split || allows(space.order, strategy.order)) &&
         (strategy.data == 1 || allows(space.zero, strategy.zero)) &&
         (strategy.tensor == 1 || allows(space.sequence_parallel, strategy.sequence_parallel)) &&
         (layer.kind == LayerKind::embedding || allows(space.recompute, strategy.recompute));
}

// What the answer's plan was made from differs by the question: no news.
std::vector<FieldChange> changes_between(const Plan& plan, const Plan& other) {
  std::vector<FieldChange> changes = diff(plan, other);
  std::erase_if(changes, [](const FieldChange& change) {
    return change.subject == "inputs" || change.subject == "certificate";
  });
  return changes;
}

std::vector<std::string> own_values(const Plan& plan, const std::string& axis) {
  std::vector<std::string> values;
  for (const AxisRestriction& own : plan.inputs->search.only) {
    if (own.axis == axis) values.insert(values.end(), own.values.begin(), own.values.end());
  }
  return values;
}

}  // namespace

std::optional<SpaceProblem> problem_of(const PlanInputs& inputs, const AxisRestriction& pin) {
  PlanInputs asked = inputs;
  asked.search.only = {pin};
  const std::vector<SpaceProblem> problems = read_restrictions(asked).problems;
  if (problems.empty()) return std::nullopt;
  return problems.front();
}

WhyNot why_not(const Plan& plan, const AxisRestriction& pin, const SearchControl& control) {
  WhyNot result{.pin = pin, .replaced = {}, .changes = {}};
  if (has_pinned(plan, pin)) {
    result.is_so_already = true;
    return result;
  }
  result.replaced = own_values(plan, pin.axis);
  PlanInputs inputs = *plan.inputs;
  inputs.search.only = pinned(inputs.search.only, pin);
  result.answer = search_again(plan, inputs, control);
  if (result.answer.plan) result.changes = changes_between(plan, *result.answer.plan);
  return result;
}

bool has_pinned(const Plan& plan, const AxisRestriction& pin) {
  const SearchSpace space = read_space({pin}, Runtime{}).space;
  if (!allows<std::int64_t>(space.pipeline, pipeline_degree(plan)) ||
      !allows(space.micro_batches, plan.micro_batches) ||
      (pin.axis == "schedule" && !allows(space.schedule, plan.schedule))) {
    return false;
  }
  const LayerGraph graph = build_layer_graph(plan.model);
  for (int layer = 0; layer < layer_count(graph); ++layer) {
    if (!allows_layer(space, strategy_of(plan, layer), layer_at(graph, layer))) return false;
  }
  return true;
}

}  // namespace galvatron
