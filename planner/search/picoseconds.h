// Seconds as the search counts them.
#pragma once

#include "cost_models/units.h"
#include "planner/search/problem.h"

namespace galvatron {

// Throws std::range_error where no step takes so long, or less than nothing: some number that the
// time was made of is out of all bounds.
search::Time picoseconds(Seconds time);

}  // namespace galvatron
