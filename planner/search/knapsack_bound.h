// A first bound for every stage at once.
//
// Forget layouts and transients: what is left of a stage is a multiple-choice knapsack, and its
// linear relaxation is the largest of  sum (count x least (cost + k memory)) - k room  over the
// prices k at which some type changes its choice. The sums per type and price are made once; a
// stage then costs a multiplication per price and run.
#pragma once

#include <vector>

#include "planner/search/interval.h"
#include "planner/search/stage_model.h"

namespace galvatron::search {

class KnapsackBound {
 public:
  // Of the first criterion of the model, which must outlive the bound.
  explicit KnapsackBound(const StageModel& model);

  // kUnlimited when the interval does not fit whatever is chosen.
  Time lower(const Interval& interval) const;

 private:
  struct Type {
    std::vector<double> weight{};  // [price]
    Size least_memory = 0;
    Size least_transient = 0;
    Time least_enter = 0;
    Time least_leave = 0;
  };

  const StageModel* model_;
  std::vector<double> prices_;
  std::vector<Type> types_;
};

}  // namespace galvatron::search
