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
  // Of a pair of ranks on neighbouring stages. Each direction has its own, because a transport may
  // finish the calls of one communicator in order only, and the ranks need not start what goes
  // forth and what comes back in the same order.
  Communicator& channel(const RankGroup& pair, Direction direction) const {
    return direction == Direction::forward ? at(pair) : *backward_.at(pair);
  }

 private:
  Communicator& world_;
  std::map<RankGroup, std::unique_ptr<Communicator>> members_;
  std::map<RankGroup, std::unique_ptr<Communicator>> backward_;
};

}  // namespace galvatron
