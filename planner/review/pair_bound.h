// The bound of one problem from the prices and cells of a proof, and the search for such.
#pragma once

#include <functional>

#include "planner/plan/proof.h"
#include "planner/search/problem.h"

namespace galvatron {

// No plan of the problem takes less. Never more than `target`, where the work ends; so it is also
// the answer where nothing fits. Prices of stages that do not exist count for nothing.
search::Time proved_bound(const search::Problem& problem, const PairProof& proof,
                          search::Time target);

// Prices and cells with a bound of `target`, or else the highest found within a fixed amount of
// work, or before `stop`. Which pair it is remains to be filled in.
PairProof find_proof(const search::Problem& problem, search::Time target,
                     const std::function<bool()>& stop);

}  // namespace galvatron
