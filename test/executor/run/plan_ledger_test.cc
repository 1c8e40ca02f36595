// What a rank communicates is, entry by entry, what the cost model charges.
#include "executor/run/step_runner.h"
#include "executor/train/ledger_check.h"
#include "test/catch.h"
#include "test/executor/run/plan_run.h"
#include "test/executor/run/plan_table.h"
#include "test/executor/test_device.h"

namespace galvatron {
namespace {

TEST_CASE("the ledger of every plan and rank is what was predicted") {
  for (std::size_t i = 0; i < plan_rows().size(); ++i) {
    const PlanRun& run = table_runs()[i];
    if (!run.member) continue;
    INFO(plan_rows()[i].name << ", rank " << run.rank);
    const Plan plan = make_plan(plan_rows()[i]);
    for (const std::string& line : ledger_differences(
             run.ledger, expected_ledger(plan, build_layer_graph(plan.model), run.rank))) {
      FAIL_CHECK(line);
    }
  }
}

// The ledger of one step whose program lacks its operations of one kind, on every rank alike.
std::vector<LedgerEntry> ledger_without(OpKind left_out, const Plan& plan, Communicator& world,
                                        Ledger& ledger) {
  const LayerGraph graph = build_layer_graph(plan.model);
  const BlockTable blocks = blocks_of(plan.model, Dropout::as_configured);
  LiveBytes live_bytes(test_device());
  ParameterStore store(plan, graph, world.rank(), test_device(), live_bytes);
  const GroupTable groups(world, plan, graph);
  RankProgram program = build_rank_program(plan, graph, world.rank());
  std::erase_if(program, [left_out](const Op& op) { return op.kind == left_out; });
  StepRunner runner({.plan = plan,
                     .graph = graph,
                     .blocks = blocks,
                     .store = store,
                     .groups = groups,
                     .live_bytes = live_bytes,
                     .device = test_device()},
                    std::move(program), AdamW{});
  ledger.clear();
  runner.run({.sample = [&](std::int64_t) {
    const auto length = static_cast<std::size_t>(plan.model.sequence_length);
    return Sample{std::vector<std::int64_t>(length, 1), std::vector<std::int64_t>(length, 2)};
  }});
  return ledger.entries();
}

TEST_CASE("a step that leaves out a collective does not pass") {
  const PlanRow row{.name = "data 2 x tensor 2, zero 1",
                    .model = TinyModel::llama,
                    .devices = 4,
                    .stage_layers = {kTinyLayers},
                    .ends = "t2 z1 sp",
                    .blocks = {{"t2 z1 sp"}}};
  const Plan plan = make_plan(row);
  Ledger ledger;
  const auto world = make_test_world(plan.devices, ledger);
  if (!world) return;
  for (const OpKind left_out :
       {OpKind::reduce, OpKind::reduce_token_local, OpKind::gather_updated}) {
    const auto recorded = ledger_without(left_out, plan, *world, ledger);
    CHECK(!ledger_differences(recorded,
                              expected_ledger(plan, build_layer_graph(plan.model), world->rank()))
               .empty());
  }
}

}  // namespace
}  // namespace galvatron
