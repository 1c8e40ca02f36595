#include "executor/run/group_table.h"

#include "planner/schedule/ledger.h"

namespace galvatron {

GroupTable::GroupTable(Communicator& world, const Plan& plan, const LayerGraph& graph)
    : world_(world) {
  std::vector<RankGroup> groups = communication_groups(plan, graph);
  // A layer that is not split still asks for its tensor group.
  for (int rank = 0; rank < plan.devices; ++rank) groups.push_back({.first = rank});
  std::vector<std::unique_ptr<Communicator>> split = world.split(groups);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (split[i]) members_.emplace(groups[i], std::move(split[i]));
  }
}

}  // namespace galvatron
