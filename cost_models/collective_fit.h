// From times of collectives to a hardware profile: the tables of what was measured, and for groups
// that have none the links by the law that prices them, T = latency + volume / bus (collectives.h):
// the line through the smallest and the largest payload of each number of ranks.
#pragma once

#include <string>
#include <vector>

#include "cost_models/collectives.h"
#include "cost_models/hardware.h"

namespace galvatron {

// One measurement of a collective or of a send between two ranks.
struct CollectiveSample {
  Collective collective{};
  GroupPlacement placement{};
  Seconds time{};

  bool operator==(const CollectiveSample&) const = default;
};

// The profile with the links that the samples tell of: bus rates by ranks, latencies, and the line
// rate of sends where the profile's efficiency is kept. What they do not tell stays, and
// all-to-alls tell nothing. `origin` replaces that of each link that changes.
Hardware with_measured_links(Hardware hardware, const std::vector<CollectiveSample>& samples,
                             const std::string& origin);

// The profile with a table for each collective and placement of the samples, in place of one that
// it may have; the times of one size are repetitions.
Hardware with_measured_tables(Hardware hardware, const std::vector<CollectiveSample>& samples,
                              const std::string& origin);

}  // namespace galvatron
