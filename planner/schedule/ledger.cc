#include "planner/schedule/ledger.h"

#include <set>

#include "planner/plan/placement.h"

namespace galvatron {
namespace {

// What a pass over a layer communicates inside its tensor group.
std::vector<PredictedCollective> collectives_of(const Plan& plan, const LayerGraph& graph,
                                                const LayerOnRank& where, OpKind pass) {
  const Layer& layer = layer_at(graph, where.layer);
  const Strategy& strategy = strategy_of(plan, where.layer);
  const LayerCollectives collectives = layer_collectives(
      layer, layout_of(strategy), group_tokens(plan, layer, strategy), plan.job.precision);
  const RankGroup group = global_tensor_group(plan, where);
  std::vector<PredictedCollective> result;
  for (const Collective& collective :
       pass == OpKind::backward ? collectives.backward : collectives.forward) {
    result.push_back({.kind = collective.kind, .group = group, .payload = collective.payload});
  }
  return result;
}

}  // namespace

std::vector<PredictedCollective> predicted_ledger(const Plan& plan, const LayerGraph& graph,
                                                  int rank) {
  std::vector<PredictedCollective> ledger;
  for (const Op& op : build_rank_program(plan, graph, rank)) {
    if (op.kind == OpKind::forward || op.kind == OpKind::recompute || op.kind == OpKind::backward) {
      const auto inside = collectives_of(plan, graph, {.layer = op.layer, .rank = rank}, op.kind);
      ledger.insert(ledger.end(), inside.begin(), inside.end());
    } else if (communicates(op) && op.part != Part::wait) {
      ledger.push_back({.kind = op.collective, .group = op.group, .payload = op.payload});
    }
  }
  return ledger;
}

std::vector<RankGroup> communication_groups(const Plan& plan, const LayerGraph& graph) {
  // Every micro-batch uses the same groups.
  Plan one = plan;
  one.micro_batches = 1;
  one.job.global_batch = samples_per_micro_batch(plan);
  std::vector<RankGroup> groups;
  std::set<RankGroup> known;
  for (int rank = 0; rank < plan.devices; ++rank) {
    for (const PredictedCollective& entry : predicted_ledger(one, graph, rank)) {
      if (known.insert(entry.group).second) groups.push_back(entry.group);
    }
  }
  return groups;
}

}  // namespace galvatron
