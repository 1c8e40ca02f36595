// The answer to a question asked again, as programs read it.
#pragma once

#include "planner/cli/plan_json.h"
#include "planner/review/search_again.h"

namespace galvatron {

// `fits`, and step, bound, stages, micro-batches and the strategy of most layers, or why there is
// no plan.
Json answer_json(const Answer& answer, Bytes budget);

}  // namespace galvatron
