#include "test/planner/plan/tiny_plans.h"

#include <numeric>

namespace galvatron {

Model tiny_gpt2(int blocks) {
  return {.name = "tiny",
          .sequence_length = 8,
          .config = Gpt2Config{.vocabulary = 16,
                               .positions = 8,
                               .hidden = 8,
                               .layers = blocks,
                               .heads = 2,
                               .mlp_width = 32}};
}

PlanInputs tiny_inputs(int devices) {
  PlanInputs inputs;
  inputs.hardware.name = "tiny";
  inputs.hardware.devices_per_node = devices;
  inputs.hardware.device.memory = kGiB;
  inputs.hardware.device.memory_rate = {1e11};
  inputs.hardware.device.peak[Precision::fp32] = FlopsPerSecond{1e12};
  inputs.hardware.device.product[Precision::fp32] = ProductLaw{.ceiling = 0.5};
  inputs.hardware.intra_node.rate_per_device = BytesPerSecond{1e9};
  inputs.runtime.states[Precision::fp32] = StateBytes{};
  inputs.runtime.update[Precision::fp32] = UpdateBytes{};
  inputs.memory_budget = kGiB;
  return inputs;
}

Plan tiny_plan(const TinyShape& shape) {
  const int layers = std::accumulate(shape.layers_of_stage.begin(), shape.layers_of_stage.end(), 0);
  const int stages = static_cast<int>(shape.layers_of_stage.size());
  Plan plan{.model = tiny_gpt2(layers - 2),
            .job = {.global_batch = 2 * shape.strategy.data * shape.micro_batches},
            .devices = stages * shape.strategy.tensor * shape.strategy.data,
            .micro_batches = shape.micro_batches,
            .strategies = std::vector<Strategy>(static_cast<std::size_t>(layers), shape.strategy)};
  int first = 0;
  for (const int count : shape.layers_of_stage) {
    plan.stages.push_back({.first_layer = first, .last_layer = first + count - 1});
    first += count;
  }
  plan.inputs = tiny_inputs(plan.devices);
  return plan;
}

}  // namespace galvatron
