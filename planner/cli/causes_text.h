// Why a step takes longer than another, as people and as programs read it.
#pragma once

#include <string>

#include "planner/cli/plan_json.h"
#include "planner/review/diff_causes.h"

namespace galvatron {

// One line per cause that changes the step and their sum; what changes nothing in one line.
std::string causes_text(const StepCauses& causes);
Json causes_json(const StepCauses& causes);

}  // namespace galvatron
