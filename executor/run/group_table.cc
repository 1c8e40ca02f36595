#include "executor/run/group_table.h"

#include <set>

#include "planner/plan/placement.h"
#include "planner/schedule/ledger.h"

namespace galvatron {
namespace {

using Communicators = std::map<RankGroup, std::unique_ptr<Communicator>>;

// Those that communicate, and the tensor group of every layer: it asks for that also where it has
// nothing to say in it.
std::vector<RankGroup> all_groups(const Plan& plan, const LayerGraph& graph) {
  std::vector<RankGroup> groups = communication_groups(plan, graph);
  std::set<RankGroup> known(groups.begin(), groups.end());
  for (int rank = 0; rank < plan.devices; ++rank) {
    const StageRange& range = plan.stages[static_cast<std::size_t>(stage_of_rank(plan, rank))];
    for (int layer = range.first_layer; layer <= range.last_layer; ++layer) {
      const RankGroup group = global_tensor_group(plan, {.layer = layer, .rank = rank});
      if (known.insert(group).second) groups.push_back(group);
    }
  }
  return groups;
}

// Rank j of a stage and rank j of the next one.
std::vector<RankGroup> neighbours(const Plan& plan) {
  std::vector<RankGroup> pairs;
  const int devices = devices_per_stage(plan);
  for (int rank = 0; rank + devices < plan.devices; ++rank) {
    pairs.push_back({.first = rank, .size = 2, .stride = devices});
  }
  return pairs;
}

// Those that this rank belongs to.
Communicators split(Communicator& world, const std::vector<RankGroup>& groups) {
  std::vector<std::unique_ptr<Communicator>> parts = world.split(groups);
  Communicators members;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (parts[i]) members.emplace(groups[i], std::move(parts[i]));
  }
  return members;
}

}  // namespace

GroupTable::GroupTable(Communicator& world, const Plan& plan, const LayerGraph& graph)
    : world_(world),
      members_(split(world, all_groups(plan, graph))),
      backward_(split(world, neighbours(plan))) {}

}  // namespace galvatron
