#include "executor/run/group_table.h"

#include <set>

#include "planner/plan/placement.h"

namespace galvatron {
namespace {

bool is_collective(const Op& op) {
  return communicates(op) && op.kind != OpKind::send && op.kind != OpKind::receive;
}

// Sorted, so that all ranks split alike.
std::vector<RankGroup> groups_of(const Plan& plan, const LayerGraph& graph) {
  std::set<RankGroup> groups;
  for (int rank = 0; rank < plan.devices; ++rank) {
    const StageRange range = plan.stages[static_cast<std::size_t>(stage_of_rank(plan, rank))];
    for (int layer = range.first_layer; layer <= range.last_layer; ++layer) {
      groups.insert(global_tensor_group(plan, {layer, rank}));
    }
    for (const Op& op : build_rank_program(plan, graph, rank)) {
      if (is_collective(op)) groups.insert(op.group);
    }
  }
  return {groups.begin(), groups.end()};
}

}  // namespace

GroupTable::GroupTable(Communicator& world, const Plan& plan, const LayerGraph& graph)
    : world_(world) {
  const std::vector<RankGroup> groups = groups_of(plan, graph);
  std::vector<std::unique_ptr<Communicator>> split = world.split(groups);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (split[i]) members_.emplace(groups[i], std::move(split[i]));
  }
}

}  // namespace galvatron
