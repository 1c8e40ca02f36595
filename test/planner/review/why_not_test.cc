#include "planner/review/why_not.h"

#include <algorithm>

#include "planner/search/plan_search.h"
#include "test/catch.h"
#include "test/planner/plan/tiny_plans.h"

namespace galvatron {
namespace {

Plan best_plan(const std::vector<AxisRestriction>& only = {}) {
  PlanInputs inputs = tiny_inputs(4);
  inputs.search = {.only = only, .gap = 0};
  inputs.hardware.intra_node.latency.base = {1e-6};
  const Job job{.global_batch = 8, .dropout = false};
  const SearchOutcome outcome =
      search_plan({.model = tiny_gpt2(3), .job = job, .global_batches = {8}, .inputs = inputs}, {});
  REQUIRE(outcome.plan);
  return *outcome.plan;
}

TEST_CASE("what the plan does already is not searched") {
  const Plan plan = best_plan({{"pipeline", {"2"}}, {"recompute", {"none"}}});
  CHECK(why_not(plan, {"pipeline", {"2", "4"}}, {}).is_so_already);
  CHECK(why_not(plan, {"recompute", {"none"}}, {}).is_so_already);
  CHECK(why_not(plan, {"schedule", {"1f1b"}}, {}).is_so_already);
  CHECK_FALSE(why_not(plan, {"schedule", {"gpipe"}}, {}).is_so_already);
}

TEST_CASE("an axis that a layer does not have is no reason against it") {
  const Plan plan = best_plan({{"pipeline", {"4"}}});  // one device a stage: no ZeRO, no order
  CHECK(has_pinned(plan, {"zero", {"3"}}));
  CHECK(has_pinned(plan, {"order", {"data_inner"}}));
  CHECK(has_pinned(plan, {"sequence_parallel", {"true"}}));
  CHECK_FALSE(has_pinned(plan, {"data", {"2"}}));
}

TEST_CASE("pinning an axis of the optimum costs time and shows what changes") {
  const Plan plan = best_plan();
  for (const AxisRestriction& pin : std::vector<AxisRestriction>{
           {"tensor", {"1"}}, {"recompute", {"full"}}, {"pipeline", {"4"}}}) {
    const WhyNot result = why_not(plan, pin, {});
    REQUIRE_FALSE(result.is_so_already);
    REQUIRE(result.answer.plan);
    CHECK(has_pinned(*result.answer.plan, pin));
    CHECK(result.answer.plan->predicted.closed_form >= plan.predicted.closed_form);
    CHECK(std::any_of(result.changes.begin(), result.changes.end(), [&](const FieldChange& change) {
      return change.field == pin.axis || change.field == "stages";
    }));
    CHECK(std::none_of(result.changes.begin(), result.changes.end(),
                       [](const FieldChange& change) { return change.subject == "inputs"; }));
  }
}

TEST_CASE("the pin takes the place of the plan's own restriction on its axis") {
  const Plan plan = best_plan({{"tensor", {"1"}}, {"pipeline", {"1"}}});
  const WhyNot result = why_not(plan, {"tensor", {"2"}}, {});
  CHECK(result.replaced == std::vector<std::string>{"1"});
  REQUIRE(result.answer.plan);
  CHECK(pipeline_degree(*result.answer.plan) == 1);
  CHECK(result.answer.plan->strategies[1].tensor == 2);
}

TEST_CASE("a pin that no layer can have, and one that does not fit, have no plan") {
  Plan plan = best_plan();
  CHECK(has_no_strategy(why_not(plan, {"tensor", {"3"}}, {}).answer));
  plan.inputs->memory_budget = {1000};
  const Answer answer = why_not(plan, {"tensor", {"1"}}, {}).answer;
  CHECK_FALSE(answer.plan);
  CHECK_FALSE(has_no_strategy(answer));
}

TEST_CASE("axes and values that do not exist are problems") {
  const PlanInputs inputs = tiny_inputs(4);
  CHECK_FALSE(problem_of(inputs, {"tensor", {"8"}}));
  CHECK(problem_of(inputs, {"tensr", {"8"}})->hint == "did you mean `tensor`?");
  CHECK(problem_of(inputs, {"zero", {"4"}})->message == "zero must be one of 0, 1, 2, 3, got 4");
}

}  // namespace
}  // namespace galvatron
