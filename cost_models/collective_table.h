// Measured times of collectives by their size: what takes the place of latency and bandwidth for
// the groups and sizes that it holds.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cost_models/group_placement.h"
#include "cost_models/layer_collectives.h"
#include "cost_models/timing.h"

namespace galvatron {

// One collective over one kind of group, while all groups of that kind communicate. A send is that
// of one rank to another while every rank sends or receives.
struct CollectiveTable {
  CollectiveKind collective = CollectiveKind::all_reduce;
  GroupPlacement placement{};
  std::vector<Bytes> payload{};  // as in Collective, ascending
  TimingCurve time{};

  bool operator==(const CollectiveTable&) const = default;
};

struct MeasuredCollectives {
  std::string origin{};
  std::vector<CollectiveTable> tables{};

  bool operator==(const MeasuredCollectives&) const = default;
};

// The table for a collective over such a group; null where none was measured. Receives are sends,
// and of a send only counts whether it leaves the node.
const CollectiveTable* find_table(const MeasuredCollectives& measured, CollectiveKind kind,
                                  const GroupPlacement& placement);

// Log-log between two sizes. Below the smallest its own time, which is latency; beyond the largest
// nothing.
std::optional<Seconds> measured_time(const CollectiveTable& table, Bytes payload);

}  // namespace galvatron
