// What it would cost to pin an axis of a plan to other values.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "planner/plan/diff.h"
#include "planner/review/search_again.h"

namespace galvatron {

struct WhyNot {
  AxisRestriction pin{};
  bool is_so_already = false;         // every layer has one of these values: nothing was searched
  std::vector<std::string> replaced;  // the values that the plan's own restriction kept the axis to
  Answer answer{};
  std::vector<FieldChange> changes;  // what is decided and predicted otherwise in the answer's plan
};

// What is wrong with the pin: an axis or a value that the plan's space does not know.
std::optional<SpaceProblem> problem_of(const PlanInputs& inputs, const AxisRestriction& pin);

// Solves the plan's question again with the axis pinned. The pin takes the place of the plan's own
// restriction on that axis. Requires a plan that can be priced, inputs that are searchable and a
// pin without a problem.
WhyNot why_not(const Plan& plan, const AxisRestriction& pin, const SearchControl& control);

// Whether every layer of the plan has one of the values, as far as the axis exists for it.
bool has_pinned(const Plan& plan, const AxisRestriction& pin);

}  // namespace galvatron
