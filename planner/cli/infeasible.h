// What is said where no plan fits: why, and what would let one fit.
#pragma once

#include <string>
#include <vector>

#include "planner/cli/failure.h"
#include "planner/search/plan_search.h"
#include "planner/search/relaxation.h"

namespace galvatron {

// "stage 0 needs at least 3.21 GiB (in 4 micro-batches, most of it states)"
std::string shortfall_text(const Shortfall& shortfall);

// The one that needs least. Requires one.
const Shortfall& least_shortfall(const std::vector<Shortfall>& shortfalls);

// The smallest size of at most two decimals that is no less and that `--memory-budget` takes:
// "43.71GiB".
std::string budget_argument(Bytes least);

// One line: the arguments that let a plan fit. `inputs` are those that do not.
std::string relaxation_text(const Relaxation& relaxation, const SearchRequest& request);

// Reports both, as text or as the error object with its `shortfalls` and `relaxations`.
struct Infeasible {
  const SearchRequest& request;
  const std::vector<Shortfall>& shortfalls;
  Relaxations relaxations;
};
void report(const Infeasible& answer, OutputForm form);

}  // namespace galvatron
