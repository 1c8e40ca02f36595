// Every plan of a small space, as whole plans, priced as plans are.
//
// It shares nothing with the search but what a plan costs: strategies are all combinations of
// values, cuts are all cuts, and check_structure says which plans can be executed.
#pragma once

#include <cstdint>
#include <vector>

#include "planner/search/plan_search.h"

namespace galvatron {

struct EnumeratedPlan {
  std::int64_t global_batch = 1;
  Seconds closed_form{};
  Bytes peak{};          // as priced
  Bytes bounded_peak{};  // as the search adds it up: docs/decisions.md 7 and 17

  bool operator==(const EnumeratedPlan&) const = default;
};

struct Enumeration {
  std::vector<EnumeratedPlan> plans;
  // Plans whose own cuts divide the tokens, but not every cut does: the search leaves out such a
  // pair of stage count and micro-batches.
  std::int64_t unevenly_cut = 0;
};

// Of the space that request.inputs.search.only leaves; memory budget and gap play no part.
Enumeration enumerate_plans(const SearchRequest& request);

}  // namespace galvatron
