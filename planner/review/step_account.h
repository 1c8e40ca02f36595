// Which rank's step explains a plan's, and where its seconds go.
#pragma once

#include <vector>

#include "planner/model/layer_graph.h"
#include "planner/plan/plan.h"
#include "planner/review/step_parts.h"

namespace galvatron {

struct StepAccount {
  Seconds step{};
  std::vector<StepParts> stages{};  // by stage; one for all under the published cost model
  int busiest = 0;                  // the stage that waits least for others, the first of equals
};

inline const StepParts& busiest_parts(const StepAccount& account) {
  return account.stages[static_cast<std::size_t>(account.busiest)];
}

// Requires a plan that can be priced (see check_priceable).
StepAccount account_step(const Plan& plan, const LayerGraph& graph);

}  // namespace galvatron
