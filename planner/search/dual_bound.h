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
//
// What one range of caps on the transient finds serves the next. A path is a column wherever its
// transient is allowed, and a shortest path is a bound for every range that allows no more, at
// whatever room that has. So most ranges take a few rounds, or none.
#pragma once

#include <memory>
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
  bool is_for_any_caps = false;  // no path fits, whatever the caps on times
  // The paths of the best mix, as indices; none where the bound reached the limit before.
  std::vector<std::size_t> mix{};
};

class DualBounds {
 public:
  // The model and the interval must outlive this.
  DualBounds(const StageModel& model, const Interval& interval, const Target& target);

  // Rounds stop when the bound reaches the limit.
  DualBound of(CapRange range, Time limit, Work& work);
  // What is known without another shortest path.
  DualBound known(CapRange range) const;
  // All that the rounds found, fitting or not.
  const std::vector<Path>& paths() const { return paths_; }
  // The stage with all that the largest cap of a range allows, and its whole room.
  const CappedStage& allowed(Size most);

 private:
  friend class ColumnGeneration;

  // The weight of the cheapest path of those that a cap allows.
  struct Priced {
    Direction direction{};
    Size most = 0;
    double least = 0;
  };
  // The same of one resource: the memory, or a capped time.
  struct Need {
    std::size_t row = 0;
    Size most = 0;
    double least = 0;
  };

  Time value_of(const Priced& priced, CapRange range) const;

  const StageModel& model_;
  const Interval& interval_;
  Target target_;
  Size whole_room_;
  double most_objective_;  // of any path; what is proved to have more does not exist
  std::vector<std::unique_ptr<CappedStage>> allowed_;
  std::vector<Path> paths_;
  std::vector<Priced> priced_;
  std::vector<Need> needs_;
};

Time objective_of(const PathSums& sums, const Target& target, int criteria);

// Whether the sums fit in the whole room of the stage and below the caps.
bool fits_stage(const CappedStage& stage, const Target& target, const PathSums& sums);

// The least integer that is not below a bound known up to rounding, within [0, kUnlimited].
Time round_bound(double bound, double guard);

}  // namespace galvatron::search
