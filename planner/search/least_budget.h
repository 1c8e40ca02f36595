// The least memory budget in which some plan fits, to the byte, and whether one fits at all.
//
// least_memory says what every plan needs at least, but leaves the buffers of layout changes out.
// Here that bound only orders the work: pairs are taken from the least bound up, each is asked for
// a plan within its bound, and the budget is halved towards the least one that has a plan where the
// bound has none. A pair whose bound reaches the least budget so far ends it. Every search stops at
// its first plan.
#pragma once

#include <functional>
#include <optional>

#include "planner/search/instance.h"

namespace galvatron {

// None where the space holds no plan at all, or where `stop` ended the work. The budget that the
// inputs hold does not matter.
std::optional<Bytes> least_budget(const PricingInputs& inputs, const std::function<bool()>& stop);

// Whether some plan fits in the budget of the inputs; false where `stop` ended the work.
bool has_plan(const PricingInputs& inputs, const std::function<bool()>& stop);

}  // namespace galvatron
