// A second opinion on a finished plan: can it be executed, does it cost what it says, does it fit.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "planner/plan/plan.h"

namespace galvatron {

struct Finding {
  std::string code;     // structure, inputs, time, memory, budget, certificate
  std::string message;  // what the plan says and what it should say

  bool operator==(const Finding&) const = default;
};

// What keeps the plan from being priced: it cannot be executed, or its inputs do not say enough.
std::vector<Finding> check_priceable(const Plan& plan);

// Prices the plan again from its own inputs. Empty where it holds. A plan that cannot be executed
// is not priced, and neither is one without inputs: that is the finding.
std::vector<Finding> check(const Plan& plan);

// What the plan costs by its own inputs, whatever it says itself. None where check() finds that it
// cannot be priced.
std::optional<Prediction> priced_again(const Plan& plan);

}  // namespace galvatron
