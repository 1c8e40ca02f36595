// Lower bounds of a stage by prices on its resources.
//
// Put a price k on memory and w_i on each capped time, weigh the criteria, and the cheapest path
// tells how cheap any path can be: for k, w >= 0 a path that fits has
//
//   max_j (cost_j + offset_j) >= sum_j alpha_j (cost_j + offset_j) + k (memory - room)
//                                + sum_i w_i (time_i - cap_i)
//
// with alpha >= 0 of sum one. The best prices are the duals of a small linear program whose columns
// are paths: mix paths so that the mix fits. Each round asks the shortest path for the column that
// would improve the mix, and every round's answer is a bound by itself.
#pragma once

#include <vector>

#include "planner/search/capped_stage.h"
#include "planner/search/work.h"

namespace galvatron::search {

// What a stage is asked: the least max_j (cost_j + offset_j) within the caps, if below
// limit.
struct Target {
  CappedTimes caps = kNoCaps;  // of those that count in the stage model
  Criteria offset{};
  Time limit = kUnlimited;
};

struct DualBound {
  Time value = 0;                // no path has a smaller objective; kUnlimited when no path fits
  Direction direction{};         // prices that reached it
  std::vector<Path> paths{};     // those the rounds found, fitting or not
  bool is_for_any_caps = false;  // no path fits, whatever the caps on times
};

// Rounds stop when the bound reaches target.limit.
DualBound dual_bound(const CappedStage& stage, const Target& target, Work& work);

Time objective_of(const PathSums& sums, const Target& target, int criteria);

// Whether the sums fit in the whole room of the stage and below the caps.
bool fits_stage(const CappedStage& stage, const Target& target, const PathSums& sums);

// The least integer that is not below a bound known up to rounding, within [0, kUnlimited].
Time round_bound(double bound, double guard);

}  // namespace galvatron::search
