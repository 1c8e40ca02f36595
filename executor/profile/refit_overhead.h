// A hardware profile that agrees with a run about what a step costs beside its operations.
#pragma once

#include "planner/plan/plan.h"

namespace galvatron {

struct Refit {
  Hardware hardware;
  Seconds predicted{};  // of the plan, with it
};

// The profile of the plan's inputs, with the host's time per step that makes the plan's predicted
// step `measured`; none where the plan predicts more even without any. Requires a plan with inputs
// and a rank program.
Refit refit_overhead(const Plan& plan, Seconds measured, const std::string& origin);

}  // namespace galvatron
