// A plan small enough to write out: GPT-2 of two blocks on two stages of two devices.
#pragma once

#include "planner/plan/plan.h"

namespace galvatron {

Plan tiny_plan();

}  // namespace galvatron
