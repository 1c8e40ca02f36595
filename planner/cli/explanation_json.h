// An explanation as programs read it.
#pragma once

#include "planner/cli/plan_json.h"
#include "planner/review/explain.h"
#include "planner/review/why_not.h"

namespace galvatron {

Json explanation_json(const Explanation& explanation);

// The answers to the questions why an axis is not pinned.
Json why_not_json(const Plan& plan, const std::vector<WhyNot>& answers);

}  // namespace galvatron
