#include "planner/schedule/price.h"

#include <algorithm>
#include <utility>

#include "cost_models/layer_cost.h"
#include "cost_models/stage_memory.h"
#include "planner/schedule/op_cost.h"
#include "planner/schedule/transition.h"
#include "test/catch.h"
#include "test/planner/plan/tiny_plans.h"

namespace galvatron {
namespace {

Prediction priced(const Plan& plan) { return price(plan, build_layer_graph(plan.model)); }

TEST_CASE("a stage keeps activations for every micro-batch in flight") {
  const auto activations = [](std::int64_t micro_batches, Schedule schedule) {
    Plan plan =
        tiny_plan({.layers_of_stage = {2, 2, 2}, .strategy = {}, .micro_batches = micro_batches});
    plan.schedule = schedule;
    std::vector<std::int64_t> bytes;
    for (const StagePrediction& stage : priced(plan).stages) {
      bytes.push_back(stage.memory.activations.value);
    }
    return bytes;
  };
  const auto gpipe = [&](std::int64_t micro_batches) {
    return activations(micro_batches, Schedule::gpipe);
  };
  for (std::size_t stage = 0; stage < 3; ++stage) {
    const std::int64_t one_more = gpipe(2)[stage] - gpipe(1)[stage];
    CHECK(one_more > 0);
    CHECK(gpipe(6)[stage] == gpipe(1)[stage] + 5 * one_more);
  }
  CHECK(activations(6, Schedule::one_f_one_b) ==
        std::vector<std::int64_t>{gpipe(3)[0], gpipe(2)[1], gpipe(1)[2]});
}

// 128 numbers of the table, 64 positions, 872 of a block, 16 of the final norm; fp32 keeps 4 bytes
// of weight, 4 of gradient, 8 of moments. Each end of a pipeline stores the table.
TEST_CASE("states are counted in exact bytes") {
  const auto states = [](const std::vector<int>& stages) {
    std::vector<std::int64_t> parameters;
    for (const StagePrediction& stage :
         priced(tiny_plan({.layers_of_stage = stages, .strategy = {}})).stages) {
      CHECK(stage.memory.gradients == stage.memory.parameters);
      CHECK(stage.memory.optimizer == 2 * stage.memory.parameters);
      parameters.push_back(stage.memory.parameters.value);
    }
    return parameters;
  };
  CHECK(states({4}) == std::vector<std::int64_t>{4 * (128 + 64 + 2 * 872 + 16)});
  CHECK(states({2, 2}) == std::vector<std::int64_t>{4 * (128 + 64 + 872), 4 * (872 + 16 + 128)});
}

TEST_CASE("what waits to be sent is held beside the layers") {
  const auto middle = [](std::int64_t micro_batches) {
    const Plan plan =
        tiny_plan({.layers_of_stage = {2, 2, 2}, .strategy = {}, .micro_batches = micro_batches});
    return std::pair{plan, priced(plan).stages[1].memory};
  };
  // Layers 2 and 3 are blocks, alone the largest there.
  const auto block_memory = [](const Plan& plan) {
    const LayerGraph graph = build_layer_graph(plan.model);
    return layer_cost(layer_at(graph, 2), setting_of(plan, graph, 2), cluster_of(plan)).memory;
  };
  const auto [few, before] = middle(1);
  const LayerMemory block = block_memory(few);
  const Bytes piece =
      transfer_bytes(activation_of(few, build_layer_graph(few.model), 2), cluster_of(few));
  CHECK(before.activations + before.transient == 2 * block.saved + block.transient + piece);
  // With more micro-batches than are in flight, a gradient is on its way back at the peak.
  const auto [many, after] = middle(6);
  const LayerMemory part = block_memory(many);
  const Bytes less =
      transfer_bytes(activation_of(many, build_layer_graph(many.model), 2), cluster_of(many));
  CHECK(after.activations + after.transient == 2 * (2 * part.saved) + part.transient + 2 * less);
}

TEST_CASE("context, communicators and the reserve stand in every stage") {
  Plan plan = tiny_plan({.layers_of_stage = {2, 2}, .strategy = {}});
  plan.inputs->hardware.device.overhead.context = Bytes{1000};
  plan.inputs->hardware.device.overhead.communicator = Bytes{10};
  plan.inputs->memory_reserve = Bytes{5};
  for (const StagePrediction& stage : priced(plan).stages) {
    CHECK(stage.memory.context == Bytes{1000});
    CHECK(stage.memory.communicators.value % 10 == 0);
    CHECK(stage.memory.communicators.value > 0);
    CHECK(stage.memory.reserve == Bytes{5});
  }
}

TEST_CASE("one device needs the sum of its passes, its update and the host") {
  Plan plan = tiny_plan({.layers_of_stage = {3}, .strategy = {}, .micro_batches = 4});
  const LayerGraph graph = build_layer_graph(plan.model);
  Seconds expected = step_overhead(cluster_of(plan));
  for (int layer = 0; layer < 3; ++layer) {
    const LayerCost cost =
        layer_cost(layer_at(graph, layer), setting_of(plan, graph, layer), cluster_of(plan));
    expected += 4 * (cost.forward + cost.backward) + cost.optimizer;
  }
  CHECK(priced(plan).step.value == Approx(expected.value).epsilon(1e-12));
  CHECK(priced(plan).closed_form.value == Approx(expected.value).epsilon(1e-12));
}

// Embedding, three blocks and head on two devices, tables aside: free of latency a gather beside a
// block takes no time while kx = ky = 1 and the block computes for longer.
TEST_CASE("a gather that goes ahead is hidden, the first of a pass is not") {
  Plan plan = tiny_plan({.layers_of_stage = {5}, .strategy = {.data = 2}});
  plan.inputs->hardware.overlap = {.compute_slowdown = 1, .traffic_slowdown = 1};
  plan.inputs->runtime.host_per_launch = Seconds{1e-3};
  const Seconds whole = priced(plan).step;
  for (const int block : {1, 2, 3})
    plan.strategies[static_cast<std::size_t>(block)].zero = Zero::parameters;
  const LayerGraph graph = build_layer_graph(plan.model);
  const TimedProgram program = timed_program(plan, graph, 0);
  const auto duration = [&](OpKind kind, int layer) {
    Seconds longest;
    for (std::size_t op = 0; op < program.ops.size(); ++op) {
      if (program.ops[op].kind != kind || program.ops[op].layer != layer) continue;
      longest = std::max(longest, program.durations[op]);
    }
    return longest;
  };
  const Seconds gather = duration(OpKind::gather, 1);
  REQUIRE(gather.value > 0);
  // Three reductions that now block, two gathers with nothing beside them, the second behind the
  // head's reduction on the stream; updates are halved.
  const auto updates = [&](Zero zero) {
    Plan other = plan;
    for (const int block : {1, 2, 3}) other.strategies[static_cast<std::size_t>(block)].zero = zero;
    return stage_times(other, graph, 0).optimizer;
  };
  const Seconds saved = updates(Zero::none) - updates(Zero::parameters);
  CHECK((priced(plan).step - whole).value ==
        Approx((2 * gather + 3 * duration(OpKind::reduce, 1) + duration(OpKind::reduce, 4) - saved)
                   .value)
            .epsilon(1e-9));
  // The closed form knows no first gather.
  CHECK((priced(plan).step - priced(plan).closed_form).value >= 2 * gather.value * (1 - 1e-9));
}

TEST_CASE("under ZeRO 3 a stage holds two blocks' parameters where one comes in beside another") {
  const auto transient = [](std::vector<int> stages) {
    Plan plan = tiny_plan(
        {.layers_of_stage = std::move(stages), .strategy = {.data = 2, .zero = Zero::parameters}});
    plan.job.precision = Precision::fp32;
    return priced(plan).stages.back().memory;
  };
  const MemoryParts several = transient({2, 3});
  const MemoryParts alone = transient({3, 2});
  CHECK(several.transient - alone.transient == Bytes{872 * 4});
}

TEST_CASE("clipping costs time once per step") {
  Plan plan = tiny_plan({.layers_of_stage = {3}, .strategy = {}});
  const Seconds without = priced(plan).step;
  plan.job.clip_grad_norm = 1.0;
  // 8 bytes per number, 128 + 64 + 872 + 16 numbers, at 0.85 x 100 GB/s.
  CHECK((priced(plan).step - without).value == Approx(8 * 1080 / 85e9));
}

TEST_CASE("doubling every rate and halving every constant halves the step") {
  Plan plan = tiny_plan({.layers_of_stage = {2, 2},
                         .strategy = {.tensor = 2, .data = 2, .zero = Zero::optimizer},
                         .micro_batches = 3});
  const double step = priced(plan).step.value;
  Hardware& hardware = plan.inputs->hardware;
  hardware.device.memory_rate = hardware.device.memory_rate * 2;
  hardware.device.peak[Precision::fp32] = *hardware.device.peak[Precision::fp32] * 2;
  hardware.intra_node.rate_per_device = *hardware.intra_node.rate_per_device * 2;
  plan.inputs->runtime.host_per_launch = plan.inputs->runtime.host_per_launch / 2;
  plan.inputs->runtime.host_per_step = plan.inputs->runtime.host_per_step / 2;
  CHECK(priced(plan).step.value == Approx(step / 2).epsilon(1e-12));
}

}  // namespace
}  // namespace galvatron
