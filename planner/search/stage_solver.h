// One stage solved: the least objective of an interval of layers, with proof.
//
// The caps on the transient are the distinct transients themselves. All of them start as one range
// with one bound; the range of least bound is halved until a cap stands alone, and a cap alone is
// settled by labels. Ranges whose bound reaches the best point found, or the limit, are never
// opened.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "planner/search/dual_bound.h"

namespace galvatron::search {

inline constexpr std::size_t kAnyWidth = static_cast<std::size_t>(-1);

struct StageTask {
  const StageModel* model = nullptr;
  const Interval* interval = nullptr;
  Target target{};
  std::size_t width = 0;  // of label searches; 0: prices only
};

// Options for the layers of one stage that fit.
struct StagePoint {
  StageCost cost{};
  std::vector<int> option{};
};

struct StageAnswer {
  Time lower = 0;  // no objective below this: the optimum if the best point has it
  // Where bounds came from prices alone, by what share of a change of offset[0] they move: a bound
  // at another offset is lower + share x change, with the least share upwards and the most
  // downwards.
  double least_share = 0;
  double most_share = 1;
  std::optional<StagePoint> best{};  // of objective below the limit
};

StageAnswer solve_stage(const StageTask& task, Work& work);

// All unbeaten points of a model made for Purpose::front with time below target.limit.
std::vector<StagePoint> stage_front(const StageTask& task, Work& work);

}  // namespace galvatron::search
