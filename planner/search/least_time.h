// A bound on a Problem that ignores memory: what orders the work before any of it is done.
#pragma once

#include <cstdint>

#include "planner/search/problem.h"

namespace galvatron::search {

// T >= S + (m - 1) max(S / P, largest layer) + O / P + constant, with S and O the sums over layers
// of the least t and the least o; for one stage the sum of the least m t + y + o.
Time least_time(const Problem& problem);

// The same of a problem whose stages and micro-batches are left open.
struct StepShape {
  int pipeline = 1;
  std::int64_t micro_batches = 1;
};
Time least_time(const Problem& problem, const StepShape& shape);

}  // namespace galvatron::search
