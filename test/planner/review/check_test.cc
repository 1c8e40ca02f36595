#include "planner/review/check.h"

#include "planner/model/layer_graph.h"
#include "planner/schedule/price.h"
#include "test/catch.h"
#include "test/planner/plan/tiny_plans.h"

namespace galvatron {
namespace {

using Findings = std::vector<Finding>;

Plan priced_plan() {
  Plan plan = tiny_plan({.layers_of_stage = {2, 2},
                         .strategy = {.data = 2, .zero = Zero::optimizer},
                         .micro_batches = 2});
  plan.predicted = price(plan, build_layer_graph(plan.model));
  plan.certificate = Certificate{.lower_bound = plan.predicted.closed_form * 0.99, .gap = 0.01};
  return plan;
}

TEST_CASE("a plan that says what it costs holds") { CHECK(check(priced_plan()).empty()); }

TEST_CASE("what a plan costs does not depend on what it says") {
  Plan plan = priced_plan();
  const Prediction priced = plan.predicted;
  plan.predicted = {};
  CHECK(priced_again(plan) == priced);
}

TEST_CASE("a plan that cannot be executed is not priced") {
  Plan plan = priced_plan();
  plan.strategies[1].data = 4;
  CHECK_FALSE(priced_again(plan));
  CHECK(check(plan) ==
        Findings{
            {"structure", "layer 1: tensor x data must be the 2 devices of a stage, got 1 x 4"}});
}

TEST_CASE("a plan without inputs cannot be checked") {
  Plan plan = priced_plan();
  plan.inputs.reset();
  CHECK(check(plan) == Findings{{"inputs", "the plan holds no inputs to price it with"}});
}

TEST_CASE("inputs that are not those of the plan are named") {
  Plan plan = priced_plan();
  plan.inputs->hardware.devices_per_node = 8;
  plan.job.precision = Precision::bf16;
  CHECK(check(plan) == Findings{{"inputs", "the plan is for 4 devices, its hardware has 8"},
                                {"inputs", "hardware or runtime say nothing about bf16"}});
}

TEST_CASE("other times and bytes than priced are findings") {
  Plan plan = priced_plan();
  plan.predicted.closed_form = {1.0};
  plan.certificate.reset();
  const std::int64_t weights = plan.predicted.stages[1].memory.parameters.value;
  plan.predicted.stages[1].memory.parameters += Bytes{1};
  const Findings findings = check(plan);
  REQUIRE(findings.size() == 2);
  CHECK(findings[0].code == "time");
  CHECK_THAT(findings[0].message, Catch::StartsWith("the closed form is 1 s in the plan, "));
  CHECK(findings[1] ==
        Finding{"memory", "stage 1: parameters are " + std::to_string(weights + 1) +
                              " bytes in the plan, " + std::to_string(weights) + " priced again"});
}

TEST_CASE("slower hardware is found in every time") {
  Plan plan = priced_plan();
  plan.inputs->hardware.device.memory_rate = plan.inputs->hardware.device.memory_rate / 1000;
  std::size_t times = 0;
  for (const Finding& finding : check(plan)) times += finding.code == "time" ? 1U : 0U;
  CHECK(times == 4);  // the step, the closed form, two stages
}

TEST_CASE("a plan that does not fit says by how much") {
  Plan plan = priced_plan();
  const Bytes needed = total(plan.predicted.stages[0].memory);
  plan.inputs->memory_budget = needed - Bytes{100};
  const Findings findings = check(plan);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0] == Finding{"budget", "stage 0 needs " + std::to_string(needed.value) +
                                             " bytes, 100 more than the budget of " +
                                             std::to_string(needed.value - 100)});
}

TEST_CASE("a certificate promises what its bound says") {
  Plan plan = priced_plan();
  SECTION("a gap that is too small") {
    plan.certificate->gap = 0.001;
    CHECK(check(plan) ==
          Findings{{"certificate", "the gap is 0.001 in the plan, 0.01 from its lower bound"}});
  }
  SECTION("a gap that is too large") {
    plan.certificate->gap = 0.02;
    CHECK(check(plan) ==
          Findings{{"certificate", "the gap is 0.02 in the plan, 0.01 from its lower bound"}});
  }
  SECTION("an optimum with a gap") {
    plan.certificate->optimal = true;
    CHECK(check(plan) ==
          Findings{{"certificate", "optimal is true in the plan beside a gap of 0.01"}});
  }
  SECTION("no gap, but no optimum either") {
    plan.certificate = Certificate{.lower_bound = plan.predicted.closed_form};
    CHECK(check(plan) ==
          Findings{{"certificate", "optimal is false in the plan beside a gap of 0"}});
  }
  SECTION("a bound above what it bounds") {
    plan.certificate->lower_bound = plan.predicted.closed_form * 2;
    const Findings findings = check(plan);
    REQUIRE(findings.size() == 1);
    CHECK(findings[0].code == "certificate");
  }
}

}  // namespace
}  // namespace galvatron
