// What a cap on the tail of a step means for its stages.
//
// A step ends with Z = max_i (y_i - sum_{j<i} b_j)^+ + max_i o_i, the tail. No stage's y_i + o_i
// exceeds Z by more than the backward of the stages before it, and no y_i exceeds by more what the
// slowest optimizer leaves of Z. How much backward there can be follows from the time S of those
// stages, which counts in the step as well; so a stage has several caps to choose from, each with
// the least S that allows it.
//
// Where stage i begins, the times from there on leave R of the limit for the stages before, at
// least S + (m-1) max(S / i, the slowest from there on), which bounds S.
#pragma once

#include <vector>

#include "planner/search/cell.h"
#include "planner/search/chain.h"

namespace galvatron::search {

class TailCaps {
 public:
  explicit TailCaps(const StageCatalog& catalog) : catalog_(catalog) {}

  // Takes what the last chain of a solver without caps on tails says of all plans below its limit.
  void note(const ChainSolver& solver);
  // The largest tail of a plan of the cell below the goal.
  Time most_tail(const Cell& cell, Time goal) const;
  // Of the plans of a cell below the goal.
  ChainCaps caps(const Cell& cell, Time goal) const;

 private:
  // Caps are rounded up to multiples of it, so that a limit that falls a little keeps what was
  // proved under them.
  struct Steps {
    Time least = 1;  // fine enough for the range of tails
    Time ways = 1;   // between the caps that a stage may choose from
  };
  struct Range {
    Time least = 0;
    Time most = 0;
  };

  Steps steps_of(const Cell& cell) const;
  Range times_before(int stage, const Surroundings& around, Time limit) const;
  std::vector<HeldTo> ways(const Cell& cell, Time optimizer, int begin, const Range& before) const;

  const StageCatalog& catalog_;
  Time least_times_ = 0;                             // of sum t + (m-1) max t
  std::vector<std::vector<Surroundings>> around_{};  // by stage
};

}  // namespace galvatron::search
