// The least objective of a stage under a range of caps, by labels.
//
// Labels grow layer by layer. A label goes when it is beaten, or when a bound on all its
// completions reaches the limit; the bounds are the completions of a few directions around the
// prices that dual_bound found. When more labels are left than the width allows, the least
// promising go too, and the least of their bounds limits what the result proves. Unlimited width is
// exact.
//
// Equal layers in one stretch of one layout may change places, so of all their orders only the one
// with rising ranks is made. Nothing is lost together with dominance: of all solutions that nothing
// beats, with the same numbers, take the first in an order that looks at the last layer first: at
// the largest transient up to it, at the layout, and then for the larger rank. Its stretches rise,
// else sorting one would give an earlier solution. None of its labels goes for another, which could
// be completed alike to a better solution, or, as labels of equal numbers are told apart by the
// same order, to an earlier one.
#pragma once

#include <cstddef>
#include <vector>

#include "planner/search/dual_bound.h"
#include "planner/search/label.h"

namespace galvatron::search {

struct LabelQuestion {
  const CappedStage* stage = nullptr;
  Target target{};
  Direction prices{};     // from dual_bound
  std::size_t width = 0;  // labels kept per layer and layout
};

struct LabelAnswer {
  Time lower = 0;  // nothing below this; at least the limit if nothing was found
  // The best below the limit, which fits; for a front all that are unbeaten, if lower is
  // kUnlimited.
  std::vector<Path> paths{};
};

LabelAnswer label_search(const LabelQuestion& question, Work& work);

}  // namespace galvatron::search
