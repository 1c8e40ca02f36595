// A path that fits from one that does not.
//
// At the best prices the cheapest paths lie on both sides of the memory limit. Following one up to
// some layer and the other from there on gives whatever lies between, nearly for free.
#pragma once

#include <vector>

#include "planner/search/dual_bound.h"

namespace galvatron::search {

// The splice of `head` and `tail` of least objective below target.limit that fits; empty if none
// does.
std::vector<int> best_splice(const CappedStage& stage, const Target& target, const Path& head,
                             const Path& tail);

}  // namespace galvatron::search
