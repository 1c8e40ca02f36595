// What a rank communicates is, entry by entry, what the cost model charges.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "executor/run/step_runner.h"
#include "planner/schedule/ledger.h"
#include "test/catch.h"
#include "test/executor/run/plan_run.h"
#include "test/executor/run/plan_table.h"
#include "test/executor/test_device.h"

namespace galvatron {
namespace {

std::string text(const LedgerEntry& entry) {
  return fmt::format("{} of {} bytes over {} ranks from {} by {}",
                     name_of(kCollectiveNames, entry.kind), entry.payload.value, entry.group.size,
                     entry.group.first, entry.group.stride);
}

// Sorted: only what and how much is compared, not when.
std::vector<LedgerEntry> predicted(const Plan& plan, int rank) {
  std::vector<LedgerEntry> entries;
  for (const PredictedCollective& entry :
       predicted_ledger(plan, build_layer_graph(plan.model), rank)) {
    entries.push_back({.kind = entry.kind, .group = entry.group, .payload = entry.payload});
  }
  std::sort(entries.begin(), entries.end());
  return entries;
}

std::vector<LedgerEntry> sorted(std::vector<LedgerEntry> entries) {
  std::sort(entries.begin(), entries.end());
  return entries;
}

// The entries that only one side has.
std::vector<std::string> differences(const std::vector<LedgerEntry>& recorded,
                                     const std::vector<LedgerEntry>& expected) {
  std::vector<LedgerEntry> extra;
  std::vector<LedgerEntry> missing;
  std::set_difference(recorded.begin(), recorded.end(), expected.begin(), expected.end(),
                      std::back_inserter(extra));
  std::set_difference(expected.begin(), expected.end(), recorded.begin(), recorded.end(),
                      std::back_inserter(missing));
  std::vector<std::string> lines;
  for (const LedgerEntry& entry : extra) lines.push_back("not predicted: " + text(entry));
  for (const LedgerEntry& entry : missing) lines.push_back("not recorded: " + text(entry));
  return lines;
}

TEST_CASE("the ledger of every plan and rank is what was predicted") {
  for (std::size_t i = 0; i < plan_rows().size(); ++i) {
    const PlanRun& run = table_runs()[i];
    if (!run.member) continue;
    INFO(plan_rows()[i].name << ", rank " << run.rank);
    const Plan plan = make_plan(plan_rows()[i]);
    for (const std::string& line : differences(sorted(run.ledger), predicted(plan, run.rank))) {
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
    const auto recorded = sorted(ledger_without(left_out, plan, *world, ledger));
    CHECK(!differences(recorded, predicted(plan, world->rank())).empty());
  }
}

}  // namespace
}  // namespace galvatron
