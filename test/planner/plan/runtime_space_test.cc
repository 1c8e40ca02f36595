#include "planner/plan/runtime_space.h"

#include "test/catch.h"
#include "test/planner/plan/tiny_plans.h"

namespace galvatron {
namespace {

using Texts = std::vector<std::string>;

Texts texts_of(const std::vector<StructureProblem>& problems) {
  Texts texts;
  for (const StructureProblem& problem : problems) texts.push_back(to_text(problem));
  return texts;
}

// Four layers on two stages of four devices, for a system that has little.
Plan plan_for_megatron() {
  Plan plan = tiny_plan(
      {.layers_of_stage = {2, 2}, .strategy = {.tensor = 2, .data = 2}, .micro_batches = 2});
  plan.inputs = tiny_inputs(8);
  plan.inputs->runtime.name = "megatron";
  plan.inputs->runtime.space = {.uneven_stages = false,
                                .sequence_parallel = false,
                                .zero = {Zero::none, Zero::optimizer},
                                .recompute = {Recompute::none, Recompute::full},
                                .order = {Order::tensor_inner},
                                .schedule = {Schedule::one_f_one_b}};
  plan.inputs->runtime.laws = RuntimeLaws{};
  return plan;
}

Texts outside(const Plan& plan) {
  return texts_of(check_runtime_space(plan, build_layer_graph(plan.model)));
}

void set_all(Plan& plan, auto change) {
  for (Strategy& strategy : plan.strategies) change(strategy);
}

TEST_CASE("a plan inside of its runtime's space has no problems") {
  CHECK(outside(plan_for_megatron()).empty());
}

TEST_CASE("each axis outside of the space is named with what there is") {
  Plan plan = plan_for_megatron();
  SECTION("ZeRO") {
    set_all(plan, [](Strategy& s) { s.zero = Zero::parameters; });
    CHECK(outside(plan).front() == "layers 0-1: zero must be one of 0, 1 under megatron, got 3");
  }
  SECTION("order") {
    set_all(plan, [](Strategy& s) { s.order = Order::data_inner; });
    CHECK(outside(plan).front() ==
          "layers 0-1: order must be one of tensor_inner under megatron, got data_inner");
  }
  SECTION("recomputation") {
    set_all(plan, [](Strategy& s) { s.recompute = Recompute::selective; });
    CHECK(outside(plan).front() ==
          "layers 0-1: recompute must be one of none, full under megatron, got selective");
  }
  SECTION("sequence parallelism") {
    set_all(plan, [](Strategy& s) { s.sequence_parallel = true; });
    CHECK(outside(plan).front() ==
          "layers 0-1: sequence_parallel must be false under megatron, got true");
  }
  SECTION("schedule") {
    plan.schedule = Schedule::gpipe;
    CHECK(outside(plan) == Texts{"schedule must be one of 1f1b under megatron, got gpipe"});
  }
  SECTION("what is priced only") {
    plan.priced_only = {.virtual_stages = 2, .context = 2, .shard_group = 1};
    CHECK(outside(plan) == Texts{"virtual_stages must be 1 under megatron, got 2",
                                 "context must be 1 under megatron, got 2",
                                 "shard_group must be 0 under megatron, got 1"});
    plan.inputs->runtime.laws->estimates = {PricedAxis::virtual_stages, PricedAxis::context,
                                            PricedAxis::shard_group};
    CHECK(outside(plan).empty());
  }
}

TEST_CASE("equal stages have as many blocks, or as many layers, each") {
  Plan plan = plan_for_megatron();
  plan.model = tiny_gpt2(3);
  plan.strategies.resize(5, plan.strategies.front());
  plan.stages = {{0, 1}, {2, 4}};
  CHECK(outside(plan) == Texts{"pipeline must divide the blocks under megatron, whose stages are "
                               "equal, got 2"});
  plan.inputs->runtime.space.uneven_stages = true;
  CHECK(outside(plan).empty());
}

TEST_CASE("our own executor is priced with everything and refuses by name what it does not run") {
  Plan plan = plan_for_megatron();
  plan.inputs->runtime = Runtime{};
  CHECK(texts_of(check_executed(plan)).empty());
  plan.priced_only = {.virtual_stages = 2, .context = 2, .shard_group = 1};
  plan.job.precision = Precision::fp16;
  set_all(plan, [](Strategy& s) { s.recompute = Recompute::op; });
  CHECK(outside(plan).empty());
  CHECK(texts_of(check_executed(plan)) ==
        Texts{"precision must be fp32 or bf16 to be trained, got fp16: it can only be priced",
              "virtual_stages must be 1 to be trained, got 2: it can only be priced",
              "context must be 1 to be trained, got 2: it can only be priced",
              "shard_group must be absent to be trained, got 1: it can only be priced",
              "layers 0-1: recompute must be none, selective or full to be trained, got op: it can "
              "only be priced"});
}

}  // namespace
}  // namespace galvatron
