#include "planner/schedule/ledger.h"

#include "test/catch.h"
#include "test/planner/plan/tiny_plans.h"

namespace galvatron {
namespace {

constexpr auto kAllReduce = CollectiveKind::all_reduce;
constexpr auto kSend = CollectiveKind::send;
constexpr auto kReceive = CollectiveKind::receive;
constexpr auto kAllGather = CollectiveKind::all_gather;

std::vector<PredictedCollective> ledger_of(const Plan& plan, int rank) {
  return predicted_ledger(plan, build_layer_graph(plan.model), rank);
}

// A micro-batch has 16 tokens of 8 fp32 numbers: 512 bytes.
TEST_CASE("passes over layers communicate in their tensor group, between what the program lists") {
  const Plan plan = tiny_plan({.layers_of_stage = {2, 2}, .strategy = {.tensor = 2}});
  const RankGroup pair{.first = 0, .size = 2, .stride = 1};
  const RankGroup over_stages{.first = 0, .size = 2, .stride = 2};
  const std::vector<PredictedCollective> expected{
      {kAllReduce, pair, {512}},    // lookup in the split table
      {kAllReduce, pair, {512}},    // attention's projection
      {kAllReduce, pair, {512}},    // MLP's second product
      {kSend, over_stages, {256}},  // half of the tokens
      {kReceive, over_stages, {256}},
      {kAllGather, pair, {512}},         // their gradients, for a layer that replicates tokens
      {kAllReduce, pair, {512}},         // gradient of the MLP's input
      {kAllReduce, pair, {512}},         // gradient of attention's input
      {kAllReduce, over_stages, {256}},  // half a table of 512 bytes, tied
      {kAllReduce, {.first = 0, .size = 4, .stride = 1}, {16}},
  };
  CHECK(ledger_of(plan, 0) == expected);
}

TEST_CASE("full recomputation repeats the collectives of forward") {
  Plan plan = tiny_plan({.layers_of_stage = {3}, .strategy = {.tensor = 2}});
  const std::size_t once = ledger_of(plan, 0).size();
  plan.strategies[1].recompute = Recompute::selective;
  CHECK(ledger_of(plan, 0).size() == once);
  plan.strategies[1].recompute = Recompute::full;
  CHECK(ledger_of(plan, 0).size() == once + 2);
}

TEST_CASE("one device communicates with nobody") {
  const Plan plan = tiny_plan({.layers_of_stage = {3}, .strategy = {}, .micro_batches = 2});
  CHECK(ledger_of(plan, 0).empty());
}

TEST_CASE("the groups of a plan are named once, whatever the number of micro-batches") {
  Plan plan = tiny_plan(
      {.layers_of_stage = {2, 2}, .strategy = {.tensor = 2, .data = 2}, .micro_batches = 3});
  const std::vector<RankGroup> expected{
      {0, 2, 1}, {0, 2, 4}, {0, 2, 2}, {0, 8, 1},  // rank 0: tensor, next stage, data, all
      {1, 2, 4}, {1, 2, 2},                        // rank 1
      {2, 2, 1}, {2, 2, 4},                        // rank 2
      {3, 2, 4},                                   // rank 3
      {4, 2, 1}, {4, 2, 2},                        // the second stage
      {5, 2, 2}, {6, 2, 1},
  };
  CHECK(communication_groups(plan, build_layer_graph(plan.model)) == expected);
}

}  // namespace
}  // namespace galvatron
