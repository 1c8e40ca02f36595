#include "planner/schedule/profile_gaps.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "cost_models/layer_compute.h"
#include "planner/plan/runtime_space.h"
#include "planner/schedule/ledger.h"
#include "planner/schedule/op_cost.h"

namespace galvatron {
namespace {

std::string text_of(const ProfileQuery& query) {
  return fmt::format("tensor {}{}, {:.4g} sample{}", query.tensor,
                     query.sequence_parallel ? ", sequence parallel" : "", query.samples,
                     query.samples == 1 ? "" : "s");
}

std::string gap_of(const ModelProfile& profile, const ProfileQuery& query) {
  const std::optional<ProfiledPasses> passes = profiled_passes(profile, query);
  if (!passes) {
    return fmt::format("the model profile holds no {}: its time is the hardware profile's",
                       query.type);
  }
  if (passes->at == query) return "";
  return fmt::format("the model profile does not reach {} at {}: scaled from {}", query.type,
                     text_of(query), text_of(passes->at));
}

void add_gap(std::vector<std::string>& gaps, std::string gap) {
  const bool is_known = std::find(gaps.begin(), gaps.end(), gap) != gaps.end();
  if (!gap.empty() && !is_known) gaps.push_back(std::move(gap));
}

// The largest payload of each table that is exceeded.
using Excess = std::map<const CollectiveTable*, Bytes>;

Excess excess_of(const Plan& plan, const LayerGraph& graph, int rank) {
  const Hardware& hardware = plan.inputs->hardware;
  Excess excess;
  for (const PredictedCollective& collective : predicted_ledger(plan, graph, rank)) {
    const CollectiveTable* table =
        find_table(*hardware.collectives, collective.kind,
                   placement_of(collective.group, hardware.devices_per_node));
    if (table == nullptr || collective.payload <= table->payload.back()) continue;
    Bytes& largest = excess[table];
    largest = std::max(largest, collective.payload);
  }
  return excess;
}

std::string gap_of(const CollectiveTable& table, Bytes payload) {
  return fmt::format(
      "the hardware profile measured {} over {} ranks up to {} bytes: {} bytes are "
      "scaled from there",
      name_of(kCollectiveNames, table.collective), table.placement.ranks,
      table.payload.back().value, payload.value);
}

}  // namespace

std::vector<std::string> profile_gaps(const Plan& plan, const LayerGraph& graph) {
  std::vector<std::string> gaps;
  if (!plan.inputs) return gaps;
  for (int layer = 0; plan.inputs->profile && layer < layer_count(graph); ++layer) {
    add_gap(gaps, gap_of(*plan.inputs->profile,
                         profile_query(layer_at(graph, layer), setting_of(plan, graph, layer))));
  }
  if (!plan.inputs->hardware.collectives || !has_rank_program(plan)) return gaps;
  for (int stage = 0; stage < pipeline_degree(plan); ++stage) {
    for (const auto& [table, payload] : excess_of(plan, graph, stage * devices_per_stage(plan))) {
      add_gap(gaps, gap_of(*table, payload));
    }
  }
  return gaps;
}

}  // namespace galvatron
