#include "planner/review/explain.h"

#include <algorithm>

#include "planner/schedule/price.h"
#include "planner/search/plan_search.h"
#include "test/catch.h"
#include "test/planner/plan/tiny_plans.h"

namespace galvatron {
namespace {

PlanInputs slow_links(Bytes budget) {
  PlanInputs inputs = tiny_inputs(4);
  inputs.hardware.intra_node.rate_per_device = BytesPerSecond{1e8};
  inputs.hardware.intra_node.latency.base = {1e-6};
  inputs.runtime.host_per_launch = {};
  inputs.memory_budget = budget;
  inputs.search.gap = 0;
  return inputs;
}

SearchOutcome outcome_of(const PlanInputs& inputs) {
  const Job job{.global_batch = 8, .dropout = false};
  return search_plan({.model = tiny_gpt2(4), .job = job, .global_batches = {8}, .inputs = inputs},
                     {});
}

Plan best_plan(Bytes budget) {
  const SearchOutcome outcome = outcome_of(slow_links(budget));
  REQUIRE(outcome.plan);
  return *outcome.plan;
}

// The best plan where the very best just does not fit.
Plan tight_plan() { return best_plan(peak_bytes(best_plan(kGiB)) - Bytes{1}); }

const Baseline& baseline(const Explanation& explanation, BaselineKind kind) {
  return *std::find_if(explanation.baselines.begin(), explanation.baselines.end(),
                       [&](const Baseline& one) { return one.kind == kind; });
}

TEST_CASE("a searched plan is the best of its space") {
  const Plan plan = best_plan(kGiB);
  const Explanation explanation = explain(plan, {});
  CHECK(explanation.plan == plan);
  CHECK(explanation.is_complete);
  CHECK_FALSE(explanation.best);
  const Seconds closed_form = plan.predicted.closed_form;
  std::vector<int> degrees;
  for (const auto& [pipeline, answer] : explanation.pipelines) {
    degrees.push_back(pipeline);
    REQUIRE(answer.plan);
    CHECK(pipeline_degree(*answer.plan) == pipeline);
    CHECK(answer.plan->predicted.closed_form >= closed_form);
  }
  CHECK(degrees == std::vector<int>{1, 2, 4});
  for (const Baseline& one : explanation.baselines) {
    REQUIRE(one.answer.plan);
    CHECK(one.answer.plan->predicted.closed_form >= closed_form);
  }
}

TEST_CASE("baselines are what their names say") {
  const Explanation explanation = explain(best_plan(kGiB), {});
  const auto strategies = [&](BaselineKind kind) -> const std::vector<Strategy>& {
    return baseline(explanation, kind).answer.plan->strategies;
  };
  for (const Strategy& strategy : strategies(BaselineKind::data_parallel)) {
    CHECK(strategy.data == 4);
    CHECK(strategy.zero == Zero::none);
  }
  for (const Strategy& strategy : strategies(BaselineKind::zero_3)) {
    CHECK(strategy.data == 4);
    CHECK(strategy.zero == Zero::parameters);
  }
  for (const Strategy& strategy : strategies(BaselineKind::tensor_pipeline)) {
    CHECK(strategy.data == 1);
  }
  // Of one strategy for all layers, but that an embedding has nothing to compute again.
  const std::vector<Strategy>& all = strategies(BaselineKind::three_d);
  for (std::size_t layer = 1; layer < all.size(); ++layer) CHECK(all[layer] == all[1]);
}

TEST_CASE("3D, which contains the other baselines, is at least as fast as they are") {
  const Explanation explanation = explain(best_plan(kGiB), {});
  const Plan& three_d = *baseline(explanation, BaselineKind::three_d).answer.plan;
  for (const Baseline& one : explanation.baselines) {
    CHECK(three_d.predicted.closed_form <= one.answer.plan->predicted.closed_form);
  }
}

TEST_CASE("a baseline that does not fit says what it needs") {
  const Explanation explanation = explain(tight_plan(), {});
  const Answer& answer = baseline(explanation, BaselineKind::data_parallel).answer;
  CHECK_FALSE(answer.plan);
  REQUIRE(answer.shortfalls.size() == 1);
  CHECK(answer.shortfalls[0].pipeline == 1);
  CHECK(answer.shortfalls[0].least > explanation.plan.inputs->memory_budget);
  CHECK(answer.shortfalls[0].category == "states");
  CHECK(baseline(explanation, BaselineKind::three_d).answer.plan);
}

TEST_CASE("baselines stay within the plan's own restrictions on the axes they leave open") {
  PlanInputs inputs = slow_links(kGiB);
  inputs.search.only = {{"pipeline", {"2"}}, {"recompute", {"full"}}};
  const Explanation explanation = explain(*outcome_of(inputs).plan, {});
  CHECK(explanation.pipelines.size() == 1);
  for (const Baseline& one : explanation.baselines) REQUIRE(one.answer.plan);
  CHECK(pipeline_degree(*baseline(explanation, BaselineKind::data_parallel).answer.plan) == 1);
  CHECK(pipeline_degree(*baseline(explanation, BaselineKind::three_d).answer.plan) == 2);
  for (const Baseline& one : explanation.baselines) {
    CHECK(one.answer.plan->strategies.back().recompute == Recompute::full);
  }
}

TEST_CASE("more of a resource never costs time") {
  const Explanation explanation = explain(tight_plan(), {});
  std::vector<std::string> resources;
  for (const ShadowPrice& price : explanation.prices) {
    resources.push_back(price.resource);
    CHECK(improved_step(price) <= reference_step(explanation));
  }
  CHECK(resources == std::vector<std::string>{"memory_budget", "intra_node", "device.hbm_gb_per_s",
                                              "device.peak_tflops"});
  // A GiB is more than the whole model: the answer is the plan without a limit.
  CHECK(explanation.prices[0].answer.plan->predicted.step == best_plan(kGiB).predicted.step);
  CHECK(improved_step(explanation.prices[0]) < reference_step(explanation));
  CHECK(explanation.prices[0].kept == reference_step(explanation));
}

TEST_CASE("a faster resource shortens the same plan by its part of the step") {
  // Nothing but products: a tenth more peak takes 1 - 1/1.1 off them.
  Plan plan = tiny_plan({.layers_of_stage = {4}, .strategy = {}, .micro_batches = 1});
  plan.inputs->hardware.device.memory_rate = {1e30};
  plan.inputs->runtime.host_per_launch = {};
  plan.inputs->runtime.host_per_step = {};
  plan.predicted = price(plan, build_layer_graph(plan.model));
  const std::vector<Improvement> all = improvements(*plan.inputs);
  REQUIRE(all.back().resource == "device.peak_tflops");
  const ShadowPrice faster = shadow_price(plan, all.back(), {});
  CHECK(faster.kept.value == Approx(plan.predicted.step.value / 1.1));
}

TEST_CASE("an estimated plan is compared with the best of its space") {
  Plan plan = best_plan(kGiB);
  plan.certificate.reset();
  plan.strategies.assign(plan.strategies.size(), plan.strategies.back());
  const Explanation explanation = explain(plan, {});
  REQUIRE(explanation.best);
  REQUIRE(explanation.best->plan);
  CHECK(reference_step(explanation) == explanation.best->plan->predicted.step);
}

TEST_CASE("what is interrupted says so") {
  const Explanation explanation =
      explain(best_plan(kGiB), {.interrupted = [] { return true; }, .asking = {}});
  CHECK_FALSE(explanation.is_complete);
  for (const Baseline& one : explanation.baselines) {
    CHECK(one.answer.end == SearchEnd::interrupted);
  }
  CHECK(busiest_parts(explanation.time).compute > Seconds{});
}

TEST_CASE("each search is announced") {
  std::vector<std::string> questions;
  explain(best_plan(kGiB),
          {.interrupted = {}, .asking = [&](const std::string& one) { questions.push_back(one); }});
  CHECK(std::count(questions.begin(), questions.end(), "baseline zero_3") == 1);
  CHECK(std::count(questions.begin(), questions.end(), "memory_budget +1 GiB") == 1);
}

TEST_CASE("the fullest stage binds") {
  const Prediction prediction{.stages = {{.memory = {.parameters = {10}, .activations = {20}}},
                                         {.memory = {.parameters = {15}, .activations = {25}}},
                                         {.memory = {.parameters = {25}, .activations = {15}}}}};
  CHECK(binding_stage(prediction, {50}) == BindingStage{.stage = 1,
                                                        .used = {40},
                                                        .headroom = {10},
                                                        .largest = "activations",
                                                        .largest_size = {25}});
  CHECK(binding_stage(prediction, {30}).headroom == Bytes{-10});
}

}  // namespace
}  // namespace galvatron
