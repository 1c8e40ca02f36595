// Why an axis of a plan is not pinned to other values, as people read it.
#pragma once

#include <string>

#include "planner/plan/plan.h"
#include "planner/review/why_not.h"

namespace galvatron {

// What it costs in one sentence, and what changes in a table.
std::string why_not_text(const Plan& plan, const WhyNot& why_not);

}  // namespace galvatron
