// A question under the published cost model, asked again.
#pragma once

#include "planner/review/search_again.h"

namespace galvatron {

// Requires inputs with published costs for the plan's model. Its search takes milliseconds and is
// never interrupted.
Answer published_answer(const Plan& plan, const PlanInputs& inputs);

}  // namespace galvatron
