#include "planner/review/step_account.h"

#include "cost_models/layer_passes.h"
#include "planner/schedule/op_cost.h"
#include "planner/schedule/price.h"
#include "test/catch.h"
#include "test/planner/plan/tiny_plans.h"
#include "test/planner/schedule/random_plans.h"

namespace galvatron {
namespace {

StepAccount account_of(const Plan& plan) {
  return account_step(plan, build_layer_graph(plan.model));
}

// Waiting for work is longer than any transfer of a tiny model.
PlanInputs with_free_links(PlanInputs inputs) {
  inputs.hardware.intra_node.rate_per_device = BytesPerSecond{1e30};
  inputs.runtime.host_per_launch = {};
  inputs.runtime.host_per_step = {};
  return inputs;
}

TEST_CASE("the parts of every rank add up to the step") {
  std::mt19937 random(11);
  for (int repeat = 0; repeat < 200; ++repeat) {
    Plan plan = random_plan(random);
    plan.inputs->hardware.intra_node.latency = {.base = {1e-6}, .per_rank = {1e-7}};
    plan.inputs->hardware.overlap = {.compute_slowdown = 1.3, .traffic_slowdown = 1.2};
    const LayerGraph graph = build_layer_graph(plan.model);
    const StepAccount account = account_step(plan, graph);
    const Seconds step = price(plan, graph).step;
    CHECK(account.step == step);
    REQUIRE(account.stages.size() == plan.stages.size());
    for (const StepParts& parts : account.stages) {
      CHECK(total(parts).value == Approx(step.value).epsilon(1e-12).margin(0));
      for_each_field(
          parts, [&](std::string_view, Seconds part) { CHECK(part.value >= -1e-12 * step.value); });
    }
  }
}

TEST_CASE("a step on one device is kernels, update and host") {
  const Plan plan = tiny_plan({.layers_of_stage = {4}, .strategy = {}, .micro_batches = 2});
  const LayerGraph graph = build_layer_graph(plan.model);
  StepParts expected;
  for (int layer = 0; layer < 4; ++layer) {
    const LayerPassParts passes =
        layer_pass_parts(layer_at(graph, layer), setting_of(plan, graph, layer), cluster_of(plan));
    for (const PassParts& pass : {passes.forward, passes.backward}) {
      expected.compute += 2 * pass.compute;
      expected.host += 2 * pass.launch;
    }
  }
  expected.host += plan.inputs->runtime.host_per_step;
  const StepParts parts = busiest_parts(account_of(plan));
  CHECK(parts.compute.value == Approx(expected.compute.value));
  CHECK(parts.host.value == Approx(expected.host.value));
  CHECK(parts.optimizer.value > 0);
  const Seconds rest = total(parts) - parts.compute - parts.host - parts.optimizer;
  CHECK(rest.value == Approx(0).margin(1e-12 * total(parts).value));
}

TEST_CASE("full recomputation is a part of its own, as long as forward") {
  Plan plan = tiny_plan({.layers_of_stage = {4}, .strategy = {}, .micro_batches = 2});
  CHECK(busiest_parts(account_of(plan)).recompute == Seconds{});
  plan.strategies[1].recompute = Recompute::full;
  const LayerGraph graph = build_layer_graph(plan.model);
  const Seconds forward =
      layer_passes(layer_at(graph, 1), setting_of(plan, graph, 1), cluster_of(plan)).forward;
  CHECK(busiest_parts(account_of(plan)).recompute.value == Approx(2 * forward.value));
}

TEST_CASE("with free links two equal stages wait for one micro-batch of the other") {
  // Stages of equal blocks: what differs between embedding and head is small beside 20 blocks each.
  Plan plan = tiny_plan({.layers_of_stage = {21, 21}, .strategy = {}, .micro_batches = 4});
  plan.inputs = with_free_links(*plan.inputs);
  const LayerGraph graph = build_layer_graph(plan.model);
  const StepAccount account = account_step(plan, graph);
  const double micro_batch = stage_times(plan, graph, 0).micro_batch.value;
  for (const StepParts& parts : account.stages) {
    CHECK(parts.bubble.value == Approx(micro_batch).epsilon(0.1));
    CHECK(parts.pipeline.value == Approx(0).margin(1e-3 * micro_batch));
  }
}

TEST_CASE("the stage that holds most is the busiest and waits least") {
  const Plan plan = tiny_plan({.layers_of_stage = {2, 12, 3}, .strategy = {}, .micro_batches = 8});
  const StepAccount account = account_of(plan);
  CHECK(account.busiest == 1);
  for (const StepParts& parts : account.stages) {
    CHECK(account.stages[1].bubble <= parts.bubble);
  }
}

TEST_CASE("slower links lengthen what is communicated and nothing else") {
  Plan plan = tiny_plan({.layers_of_stage = {4},
                         .strategy = {.tensor = 2, .data = 2, .zero = Zero::parameters},
                         .micro_batches = 2});
  const StepParts before = busiest_parts(account_of(plan));
  Link& link = plan.inputs->hardware.intra_node;
  link.rate_per_device = *link.rate_per_device / 10;
  const StepParts after = busiest_parts(account_of(plan));
  CHECK(after.tensor > before.tensor);
  CHECK(after.data > before.data);
  CHECK(after.compute.value == Approx(before.compute.value));
  CHECK(after.optimizer.value == Approx(before.optimizer.value));
}

TEST_CASE("the part that grew most is named") {
  const StepParts before{.compute = {1}, .tensor = {2}, .bubble = {3}};
  const StepParts after{.compute = {2}, .tensor = {4}, .bubble = {1}};
  CHECK(largest_increase(before, after) == PartIncrease{.name = "tensor", .increase = {2}});
  CHECK(largest_increase(after, after).increase == Seconds{});
}

}  // namespace
}  // namespace galvatron
