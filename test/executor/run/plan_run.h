// Training a few steps by a plan on the first ranks of an mpirun, and what was seen.
#pragma once

#include <vector>

#include "executor/communication/ledger.h"
#include "executor/memory/live_bytes.h"
#include "planner/plan/plan.h"

namespace galvatron {

inline constexpr int kSteps = 5;

struct PlanRun {
  bool member = false;  // false on ranks the plan has no use for; then the rest is empty
  std::vector<double> losses;
  std::vector<double> grad_norms;
  int rank = 0;
  std::vector<LedgerEntry> ledger;  // of the last step, on this rank
  CategoryBytes peak;               // of the last step, on this rank
};

// Collective over all ranks of the mpirun. Samples are made up from their numbers, the same ones
// for every plan; some targets are ignored.
PlanRun run_plan(const Plan& plan);

// The runs of plan_rows(), made once per process and used by several tests.
const std::vector<PlanRun>& table_runs();

}  // namespace galvatron
