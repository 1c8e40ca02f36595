// The optimum of a small problem by looking at everything.
//
// Written from the definition of the problem and sharing no code with the search: every stage's
// choices are enumerated one by one, those that fit and are not beaten in (t, y, o, -b) are kept,
// and all of them are combined over all boundaries.
#pragma once

#include <optional>
#include <vector>

#include "planner/search/problem.h"

namespace galvatron::search {

// Least step time; nothing when no plan fits.
std::optional<Time> exhaustive_optimum(const Problem& problem);

// The least over all problems.
std::optional<Time> exhaustive_optimum(const std::vector<Problem>& problems);

// Step time and peak bytes of a plan, priced by this file's own formulas.
struct PricedPlan {
  Time total = 0;
  Size peak = 0;
};
PricedPlan price_plan(const Problem& problem, const Assignment& assignment);

}  // namespace galvatron::search
