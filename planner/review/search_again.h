// A plan's own question asked again, with something about it changed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "planner/plan/plan.h"
#include "planner/search/plan_search.h"
#include "planner/search/space.h"

namespace galvatron {

struct Answer {
  std::optional<Plan> plan{};           // the best, priced
  std::vector<Shortfall> shortfalls{};  // where nothing fits, by pipeline degree; published costs
                                        // name no category
  SearchEnd end = SearchEnd::finished;

  bool operator==(const Answer&) const = default;
};

// Neither: no strategy of the space divides the layers, the batch and the devices.
inline bool has_no_strategy(const Answer& answer) {
  return !answer.plan && answer.shortfalls.empty() && answer.end == SearchEnd::finished;
}

// Searches for the plan's model and job on these inputs, within their gap. A runtime that is not
// layer-wise gets one strategy for all layers, under the published cost model too. Requires
// restrictions that `read_restrictions` accepts.
Answer search_again(const Plan& plan, const PlanInputs& inputs, const SearchControl& control);

// The space of the inputs: the published one where their hardware is.
SpaceReading read_restrictions(const PlanInputs& inputs);

// The restrictions with one more, which takes the place of those on its axis.
std::vector<AxisRestriction> pinned(std::vector<AxisRestriction> only, const AxisRestriction& pin);

}  // namespace galvatron
