// What a plan's certificate says of it.
#pragma once

#include "planner/plan/plan.h"

namespace galvatron {

// Of a priced plan and a bound that the search proved. The bound is one on prices too, because the
// search never takes a plan for dearer than it is. A plan may be dearer than the search took it for
// (docs/decisions.md 17): then it need not be the best, and the gap says how far it may be from it.
Certificate certificate_of(const Plan& plan, Seconds bound);

}  // namespace galvatron
