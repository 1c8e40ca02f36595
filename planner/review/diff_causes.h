// Why one plan's step takes longer than another's: one input after the other is exchanged, from the
// first plan's to the second's, and the plan priced in between.
//
// The order is fixed: model, job, hardware (each key that differs, in the order of the profile),
// runtime, the number of nodes and devices, then what was decided: micro-batches and schedule,
// stages, strategies. What a cause is charged with depends on that order; their sum does not, since
// each begins where the one before ended.
//
// An exchange after which nothing can be priced, such as a model with other layers under stages
// that do not hold them, waits for the next one with which it can: both are one cause.
#pragma once

#include <string>
#include <vector>

#include "planner/plan/plan.h"

namespace galvatron {

struct Exchange {
  std::string what;    // "model", "hardware inter_node.gb_per_s_per_node", "strategies"
  std::string before;  // of a hardware key with one value, otherwise empty
  std::string after;

  bool operator==(const Exchange&) const = default;
};

struct Cause {
  std::vector<Exchange> exchanged;  // at least one
  Seconds change{};                 // of the step

  bool operator==(const Cause&) const = default;
};

struct StepCauses {
  Seconds before{};  // both priced from the plans' own inputs
  Seconds after{};
  std::vector<Cause> causes;  // in the order of their exchange
  std::string unavailable;    // why there are none; empty otherwise
};

StepCauses causes_of_change(const Plan& before, const Plan& after);

}  // namespace galvatron
