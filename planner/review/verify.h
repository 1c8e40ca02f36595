// A proof checked: prices multiplied out again, without the search.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "planner/plan/plan.h"
#include "planner/review/check.h"

namespace galvatron {

// A pair of the proof whose prices stay below the certificate's bound.
struct WeakPair {
  std::int64_t global_batch = 1;
  int pipeline = 1;
  std::int64_t micro_batches = 1;
  Seconds bound{};  // for the batch of the plan

  bool operator==(const WeakPair&) const = default;
};

struct Verification {
  std::vector<Finding> findings{};  // what the proof says and does not show
  Seconds proved{};                 // no plan takes less, by prices alone
  double gap = 1;                   // from the closed form to that
  int pairs = 0;                    // of stages and micro-batches, over all global batches
  int without_memory = 0;           // of them closed by the bound that ignores memory
  int without_prices = 0;           // closed by what fits at all, the layouts' tolls and boundaries
  int by_prices = 0;
  std::vector<WeakPair> weak{};
};

// Prices every pair of the space again and derives its bound from the proof's numbers. Empty
// findings: `proved` holds. Where it is less than the certificate's lower bound, the rest of that
// bound was found by the search's enumeration, which is not repeated here; `weak` says where.
//
// Requires a plan in which check() finds no fault with structure and inputs.
Verification verify(const Plan& plan);

}  // namespace galvatron
