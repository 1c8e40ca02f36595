#include "planner/review/diff_causes.h"

#include <algorithm>
#include <random>

#include "planner/schedule/price.h"
#include "test/catch.h"
#include "test/planner/plan/tiny_plans.h"
#include "test/planner/schedule/random_plans.h"

namespace galvatron {
namespace {

Plan some_plan() {
  Plan plan = tiny_plan({.layers_of_stage = {2, 2},
                         .strategy = {.data = 2, .zero = Zero::optimizer},
                         .micro_batches = 2});
  plan.inputs->hardware.intra_node.latency.base = {1e-5};
  return plan;
}

Seconds step_of(const Plan& plan) { return price(plan, build_layer_graph(plan.model)).step; }

// "model" or "stages + strategies" per cause.
std::vector<std::string> names_of_causes(const StepCauses& causes) {
  std::vector<std::string> names;
  for (const Cause& cause : causes.causes) {
    std::string name;
    for (const Exchange& exchange : cause.exchanged) {
      name += (name.empty() ? "" : " + ") + exchange.what;
    }
    names.push_back(name);
  }
  return names;
}

using Names = std::vector<std::string>;

void check_sum(const StepCauses& causes) {
  Seconds sum = causes.before;
  for (const Cause& cause : causes.causes) sum += cause.change;
  CHECK(sum.value == Approx(causes.after.value).epsilon(1e-12).margin(0));
}

TEST_CASE("equal plans have no causes") {
  const StepCauses causes = causes_of_change(some_plan(), some_plan());
  CHECK(causes.unavailable.empty());
  CHECK(causes.causes.empty());
  CHECK(causes.before == causes.after);
}

TEST_CASE("two hardware keys and a strategy are three causes that add up") {
  const Plan before = some_plan();
  Plan after = before;
  after.inputs->hardware.intra_node.rate_per_device = BytesPerSecond{2e9};
  after.inputs->hardware.intra_node.latency.base = {2e-5};
  after.strategies[2].recompute = Recompute::full;
  const StepCauses causes = causes_of_change(before, after);
  CHECK(causes.before == step_of(before));
  CHECK(causes.after == step_of(after));
  REQUIRE(names_of_causes(causes) == Names{"hardware intra_node.gb_per_s_per_device",
                                           "hardware intra_node.latency_us.base", "strategies"});
  CHECK(causes.causes[0].exchanged[0].before == "1");
  CHECK(causes.causes[0].exchanged[0].after == "2");
  CHECK(causes.causes[0].change < Seconds{});
  CHECK(causes.causes[1].change > Seconds{});
  CHECK(causes.causes[2].change > Seconds{});
  check_sum(causes);
}

TEST_CASE("each exchange is priced with those before it made") {
  const Plan before = some_plan();
  Plan after = before;
  after.inputs->hardware.device.memory_rate = {2e11};
  after.micro_batches = 4;
  Plan between = before;
  between.inputs->hardware.device.memory_rate = {2e11};
  const StepCauses causes = causes_of_change(before, after);
  REQUIRE(names_of_causes(causes) == Names{"hardware device.hbm_gb_per_s", "micro-batches"});
  CHECK(causes.causes[0].change == step_of(between) - step_of(before));
  CHECK(causes.causes[1].change == step_of(after) - step_of(between));
}

TEST_CASE("a model with other layers waits for the stages that hold them") {
  const Plan before = some_plan();
  Plan after = tiny_plan({.layers_of_stage = {3, 3},
                          .strategy = {.data = 2, .zero = Zero::optimizer},
                          .micro_batches = 2});
  after.inputs->hardware.intra_node.latency.base = {2e-5};
  const StepCauses causes = causes_of_change(before, after);
  CHECK(names_of_causes(causes) ==
        Names{"hardware intra_node.latency_us.base", "model + stages + strategies"});
  check_sum(causes);
}

TEST_CASE("more devices come with the stages and strategies that use them") {
  const Plan before = some_plan();
  Plan after = tiny_plan(
      {.layers_of_stage = {2, 2}, .strategy = {.tensor = 2, .data = 2}, .micro_batches = 2});
  after.inputs->runtime.host_per_step = {2e-3};
  after.inputs->hardware.intra_node.latency.base = {1e-5};
  const StepCauses causes = causes_of_change(before, after);
  CHECK(names_of_causes(causes) ==
        Names{"runtime", "hardware devices_per_node + stages + strategies"});
  check_sum(causes);
}

TEST_CASE("slowdowns of one collective are a cause of their own") {
  Plan before = some_plan();
  before.inputs->hardware.overlap.send = CollectiveOverlap{.compute_slowdown = 1.1};
  Plan after = before;
  after.inputs->hardware.overlap.send = CollectiveOverlap{.compute_slowdown = 1.9};
  const StepCauses causes = causes_of_change(before, after);
  CHECK(names_of_causes(causes) == Names{"hardware overlap.send.compute_slowdown"});
  check_sum(causes);
}

TEST_CASE("what nothing is computed from is no cause") {
  const Plan before = some_plan();
  Plan after = before;
  after.inputs->hardware.name = "other";
  after.inputs->hardware.intra_node.origin = "measured";
  after.inputs->memory_budget = 2 * kGiB;
  CHECK(causes_of_change(before, after).causes.empty());
}

TEST_CASE("a plan without inputs has no causes, and it is said whose they are") {
  const Plan before = some_plan();
  Plan after = before;
  after.inputs.reset();
  const StepCauses causes = causes_of_change(before, after);
  CHECK(causes.causes.empty());
  CHECK(causes.unavailable == "of the second plan: the plan holds no inputs to price it with");
}

TEST_CASE("the causes between any two plans add up") {
  std::mt19937 random(5);
  for (int repeat = 0; repeat < 100; ++repeat) {
    const Plan before = random_plan(random);
    Plan after = random_plan(random);
    after.inputs->hardware.device.memory_rate = {3e11};
    after.inputs->hardware.overlap.compute_slowdown = 1.5;
    const StepCauses causes = causes_of_change(before, after);
    REQUIRE(causes.unavailable.empty());
    CHECK(causes.after == step_of(after));
    check_sum(causes);
  }
}

}  // namespace
}  // namespace galvatron
