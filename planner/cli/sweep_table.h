// The table of a sweep: for people, for spreadsheets, for programs.
#pragma once

#include <string>

#include "planner/cli/plan_json.h"
#include "planner/search/sweep.h"

namespace galvatron {

// One line per point, a star before those that are Pareto-optimal, and a line that says how many
// searches it took. Ends with a line end.
std::string sweep_text(const SweepOutcome& outcome);

// One row per point under a row of names; units are in the names. An empty field: no plan.
std::string sweep_csv(const SweepOutcome& outcome);

Json sweep_json(const SweepOutcome& outcome);

}  // namespace galvatron
