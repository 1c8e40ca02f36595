#include "planner/plan/placement.h"

#include "test/catch.h"
#include "test/planner/plan/tiny_plans.h"

namespace galvatron {
namespace {

Plan two_stages() {
  return tiny_plan(
      {.layers_of_stage = {2, 3}, .strategy = {.tensor = 2, .data = 2}, .micro_batches = 3});
}

TEST_CASE("ranks count through the stages") {
  const Plan plan = two_stages();
  CHECK(stage_of_rank(plan, 3) == 0);
  CHECK(stage_of_rank(plan, 4) == 1);
  CHECK(local_rank(plan, 6) == 2);
  CHECK(stage_of(plan, 1) == 0);
  CHECK(stage_of(plan, 2) == 1);
}

// 12 samples, 4 to a micro-batch, 2 to each of two data ranks.
TEST_CASE("a tensor group works on the same samples, data ranks on others") {
  const Plan plan = two_stages();
  CHECK(samples_of(plan, {.layer = 0, .rank = 0}, 0) == SampleRange{0, 2});
  CHECK(samples_of(plan, {.layer = 0, .rank = 1}, 0) == SampleRange{0, 2});
  CHECK(samples_of(plan, {.layer = 0, .rank = 2}, 0) == SampleRange{2, 4});
  CHECK(samples_of(plan, {.layer = 3, .rank = 7}, 2) == SampleRange{10, 12});
}

TEST_CASE("with data inside, data ranks are neighbours") {
  Plan plan = two_stages();
  for (Strategy& strategy : plan.strategies) strategy.order = Order::data_inner;
  CHECK(samples_of(plan, {.layer = 0, .rank = 1}, 0) == SampleRange{2, 4});
  CHECK(global_data_group(plan, {.layer = 3, .rank = 7}) == RankGroup{6, 2, 1});
  CHECK(global_tensor_group(plan, {.layer = 3, .rank = 7}) == RankGroup{5, 2, 2});
}

TEST_CASE("groups lie inside the rank's stage") {
  const Plan plan = two_stages();
  CHECK(global_tensor_group(plan, {.layer = 2, .rank = 5}) == RankGroup{4, 2, 1});
  CHECK(global_data_group(plan, {.layer = 2, .rank = 5}) == RankGroup{5, 2, 2});
}

TEST_CASE("tokens of a micro-batch and of one tensor group") {
  const Plan plan = two_stages();
  const LayerGraph graph = build_layer_graph(plan.model);
  const Layer& block = layer_at(graph, 1);
  CHECK(stage_tokens(plan, block).tokens == 4 * 8);
  CHECK(stage_tokens(plan, block).devices == 4);
  CHECK(group_tokens(plan, block, plan.strategies[1]) == 2 * 8);
}

TEST_CASE("a tied table is stored by its first user on each stage") {
  const Plan plan = two_stages();
  const std::vector<TiedTable> tables = tied_tables(build_layer_graph(plan.model));
  REQUIRE(tables.size() == 1);
  CHECK(tables[0].layers == std::vector<int>{0, 4});
  CHECK(holding_stages(plan, tables[0]) == std::vector<int>{0, 1});
  CHECK(storing_layer(plan, tables[0], 0) == 0);
  CHECK(storing_layer(plan, tables[0], 1) == 4);

  const Plan lone = tiny_plan({.layers_of_stage = {5}, .strategy = {}});
  CHECK(holding_stages(lone, tables[0]) == std::vector<int>{0});
  CHECK(storing_layer(lone, tables[0], 0) == 0);
}

// Embedding and encoder block, bridge, decoder block, head, on stages of two devices each.
TEST_CASE("a table's gradient is summed by the holders of the same part, or by all holders") {
  const Model model{.sequence_length = 8,
                    .config = T5Config{.encoder_layers = 1, .decoder_layers = 1}};
  const Plan plan{.model = model,
                  .devices = 8,
                  .stages = {{0, 1}, {2, 2}, {3, 3}, {4, 4}},
                  .strategies = std::vector<Strategy>(5, {.tensor = 2})};
  const std::vector<TiedTable> tables = tied_tables(build_layer_graph(model));
  REQUIRE(tables.size() == 3);
  CHECK(tables[0].name == "shared.weight");
  CHECK_FALSE(tables[0].everywhere);
  CHECK(holders(plan, tables[0], 3) == group_of({1, 3, 7}));
  CHECK(tables[1].everywhere);
  CHECK(holders(plan, tables[1], 1) == RankGroup{.first = 0, .size = 2});
  CHECK(holders(plan, tables[2], 4) == RankGroup{.first = 4, .size = 2});
}

}  // namespace
}  // namespace galvatron
