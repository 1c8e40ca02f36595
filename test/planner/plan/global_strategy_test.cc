#include "planner/plan/global_strategy.h"

#include <stdexcept>

#include "test/catch.h"
#include "test/planner/plan/tiny_plans.h"

namespace galvatron {
namespace {

// Layers per stage of so many blocks under a runtime that cuts so.
std::vector<int> layers_of_stages(int blocks, int pipeline, StageSplit split) {
  const Model model = tiny_gpt2(blocks);
  const GlobalJob job{.model = model,
                      .job = {.global_batch = 1},
                      .devices = pipeline,
                      .micro_batch = 1,
                      .stages = {.split = split}};
  std::vector<int> layers;
  for (const StageRange& stage :
       global_plan(job, {.pipeline = pipeline}, build_layer_graph(model)).stages) {
    layers.push_back(stage.last_layer - stage.first_layer + 1);
  }
  return layers;
}

TEST_CASE("blocks that stages do not divide go to the first stages") {
  // Embedding and head besides.
  CHECK(layers_of_stages(7, 3, StageSplit::leading) == std::vector<int>{4, 2, 3});
}

TEST_CASE("filled stages count embedding and head as a layer each where that divides") {
  CHECK(layers_of_stages(126, 16, StageSplit::filled) == std::vector<int>(16, 8));
}

TEST_CASE("otherwise they are as full as the least maximum, and the last takes the rest") {
  std::vector<int> expected(12, 7);  // 78 blocks: eleven times 7, and 1
  expected.front() = 8;              // the embedding
  expected.back() = 2;               // the head
  CHECK(layers_of_stages(78, 12, StageSplit::filled) == expected);
  CHECK(layers_of_stages(8, 4, StageSplit::filled) == std::vector<int>{3, 2, 2, 3});
  CHECK(layers_of_stages(9, 8, StageSplit::filled) == std::vector<int>{3, 1, 1, 1, 1, 1, 1, 2});
}

Plan plan_of(const std::string& strategy, int devices, const StageLaws& stages = {}) {
  const Model model = tiny_gpt2(4);
  const GlobalJob job{.model = model,
                      .job = {.global_batch = 16},
                      .devices = devices,
                      .micro_batch = 2,
                      .stages = stages};
  return global_plan(job, parse_global_strategy(strategy), build_layer_graph(model));
}

TEST_CASE("a context group shares the samples of a micro-batch") {
  const Plan plan = plan_of("context=2", 4);
  CHECK(plan.priced_only.context == 2);
  CHECK(plan.strategies.front().data == 4);
  CHECK(plan.micro_batches == 4);  // 16 samples, two for each of two context groups
}

TEST_CASE("axes that are priced only are read beside the others") {
  const Plan plan = plan_of("pipeline=2,virtual_stages=2,shard_group=2,zero=1", 8);
  CHECK(plan.priced_only == PricedOnly{.virtual_stages = 2, .shard_group = 2});
  CHECK_THROWS_WITH(plan_of("zero=1,tensor=2,zero=2", 4), "zero is given twice");
  CHECK_THROWS_WITH(plan_of("context=3", 4), "context must divide data (4), got 3");
  CHECK_THROWS_WITH(plan_of("virtual_stage=2", 4),
                    Catch::Matchers::Contains("did you mean `virtual_stages`"));
}

TEST_CASE("a runtime may leave the head out of recomputation, op always does") {
  CHECK(plan_of("recompute=full", 2).strategies.back().recompute == Recompute::full);
  CHECK(plan_of("recompute=full", 2, {.head = HeadRecompute::never}).strategies.back().recompute ==
        Recompute::none);
  const Plan op = plan_of("recompute=op", 2);
  CHECK(op.strategies.back().recompute == Recompute::none);
  CHECK(op.strategies[1].recompute == Recompute::op);
}

}  // namespace
}  // namespace galvatron
