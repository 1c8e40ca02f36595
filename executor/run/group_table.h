// A communicator for every group of ranks that a plan names.
#pragma once

#include <map>
#include <memory>

#include "executor/communication/communicator.h"
#include "planner/schedule/program.h"

namespace galvatron {

class GroupTable {
 public:
  // Collective over `world`, whose ranks are those of the plan; `world` must outlive the table.
  GroupTable(Communicator& world, const Plan& plan, const LayerGraph& graph);

  Communicator& world() const { return world_; }
  // Requires a group of the plan that this rank belongs to.
  Communicator& at(const RankGroup& group) const { return *members_.at(group); }

 private:
  Communicator& world_;
  std::map<RankGroup, std::unique_ptr<Communicator>> members_;
};

}  // namespace galvatron
