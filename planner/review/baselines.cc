#include "planner/review/baselines.h"

#include <vector>

#include "planner/review/step_account.h"

namespace galvatron {
namespace {

std::vector<AxisRestriction> restrictions_of(BaselineKind kind) {
  switch (kind) {
    case BaselineKind::data_parallel:
      return {{"pipeline", {"1"}}, {"tensor", {"1"}}, {"zero", {"0"}}};
    case BaselineKind::zero_3:
      return {{"pipeline", {"1"}}, {"tensor", {"1"}}, {"zero", {"3"}}};
    case BaselineKind::tensor_pipeline:
      return {{"data", {"1"}}};
    case BaselineKind::three_d:
      return {};
  }
  return {};
}

}  // namespace

Baseline find_baseline(const Plan& plan, BaselineKind kind, const SearchControl& control) {
  PlanInputs inputs = *plan.inputs;
  inputs.runtime.space.layer_wise = false;
  for (const AxisRestriction& restriction : restrictions_of(kind)) {
    inputs.search.only = pinned(inputs.search.only, restriction);
  }
  Baseline baseline{.kind = kind, .answer = search_again(plan, inputs, control)};
  if (const std::optional<Plan>& found = baseline.answer.plan) {
    baseline.parts = busiest_parts(account_step(*found, build_layer_graph(found->model)));
  }
  return baseline;
}

}  // namespace galvatron
