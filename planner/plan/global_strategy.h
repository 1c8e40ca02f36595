// One strategy for all layers: what `galvatron estimate --strategy` prices.
#pragma once

#include <string>
#include <vector>

#include "planner/model/layer_graph.h"
#include "planner/plan/plan.h"

namespace galvatron {

struct GlobalStrategy {
  int pipeline = 1;
  int tensor = 1;
  Order order = Order::tensor_inner;
  Zero zero = Zero::none;
  bool sequence_parallel = false;
  Recompute recompute = Recompute::none;
  Schedule schedule = Schedule::one_f_one_b;
  PricedOnly priced_only{};

  bool operator==(const GlobalStrategy&) const = default;
};

// Names of the axes that a global strategy sets, in the order of the fields.
const std::vector<std::string>& global_axis_names();

// "pipeline=4,tensor=8,zero=1,sequence_parallel=true,recompute=full,schedule=1f1b"
// Throws std::invalid_argument saying what was expected and what was found.
GlobalStrategy parse_global_strategy(const std::string& text);

struct GlobalJob {
  Model model;
  Job job;
  int devices = 1;
  std::int64_t micro_batch = 1;  // samples per data rank (of a context group: together)
  StageLaws stages{};            // how the runtime cuts what stages do not divide
};

// Where a runtime without a choice cuts: embedding on the first stage, head on the last, blocks
// spread. Throws std::invalid_argument for more stages than blocks.
std::vector<StageRange> block_stages(int layers, int pipeline, StageSplit split);

// The plan that does this in every layer: blocks spread over the stages as the runtime does; the
// embedding on the first, the head on the last.
// Throws std::invalid_argument where degrees do not divide what they must.
Plan global_plan(const GlobalJob& job, const GlobalStrategy& strategy, const LayerGraph& graph);

// All layers on one device, the whole batch at once.
Plan single_device_plan(const Model& model, const Job& job);

}  // namespace galvatron
