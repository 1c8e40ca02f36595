// From times of collectives to the links of a hardware profile, by the law that prices them:
// T = latency + volume / bus (collectives.h). Per number of ranks the smallest payload gives the
// latency and the largest, less that latency, the bus.
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
// rate of sends where the profile's efficiency is kept. What they do not tell stays. `origin`
// replaces that of each link that changes.
Hardware with_measured_links(Hardware hardware, const std::vector<CollectiveSample>& samples,
                             const std::string& origin);

}  // namespace galvatron
