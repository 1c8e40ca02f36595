#include "executor/run/group_table.h"

#include <set>

#include "planner/plan/placement.h"
#include "planner/schedule/ledger.h"

namespace galvatron {
namespace {

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

}  // namespace

GroupTable::GroupTable(Communicator& world, const Plan& plan, const LayerGraph& graph)
    : world_(world) {
  const std::vector<RankGroup> groups = all_groups(plan, graph);
  std::vector<std::unique_ptr<Communicator>> split = world.split(groups);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (split[i]) members_.emplace(groups[i], std::move(split[i]));
  }
}

}  // namespace galvatron
