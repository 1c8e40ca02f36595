// What a little more of each resource is worth: the plan's question solved again with it.
#pragma once

#include <string>
#include <vector>

#include "planner/review/search_again.h"

namespace galvatron {

inline constexpr Bytes kMoreMemory = kGiB;
inline constexpr double kFasterBy = 1.1;

// One input improved. Rates of a link are all of its section, those by ranks too, not latencies.
struct Improvement {
  std::string resource;  // the key of the plan's inputs: memory_budget, inter_node, ...
  std::string change;    // "+1 GiB", "+10 %"
  PlanInputs inputs{};
};

// Of the budget, and of every rate that the profile has.
std::vector<Improvement> improvements(const PlanInputs& inputs);

struct ShadowPrice {
  std::string resource;
  std::string change;
  Seconds kept{};  // the step of the same plan
  Answer answer{};
};

// Requires an improvement of the inputs of a plan that can be priced.
ShadowPrice shadow_price(const Plan& plan, const Improvement& improvement,
                         const SearchControl& control);

// The step with the improvement: that of the plan found, or of the plan kept if it is faster.
Seconds improved_step(const ShadowPrice& price);

}  // namespace galvatron
