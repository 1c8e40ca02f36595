// The summary of repeated measurements.
#pragma once

#include <vector>

#include "cost_models/timing.h"

namespace galvatron {

// Requires at least one time.
Timing timing_of(std::vector<Seconds> times);

}  // namespace galvatron
