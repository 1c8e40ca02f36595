// Partial stages, and which of them can be forgotten.
//
// A label is a stage up to some layer, ending in some layout. Of two that end alike, one is beaten
// when the other is no larger in every criterion and every resource: whatever completes it
// completes the other as well.
#pragma once

#include <cstdint>
#include <vector>

#include "planner/search/stage_model.h"
#include "planner/search/work.h"

namespace galvatron::search {

struct Label {
  Criteria cost{};
  CappedTimes capped{};
  Size memory = 0;
  std::int32_t parent = -1;  // index into the trail of the search, -1 at the first layer
  std::int32_t item = 0;
};

// Leaves the unbeaten labels, ordered by cost[0] and then by everything else; of equal ones the
// first.
void keep_unbeaten(std::vector<Label>& labels, Work& work);

struct WeighedLabel {
  double weight = 0;
  Label label{};
};

// Of the unbeaten labels the `most` of least weight, by rising weight and then by everything else.
// Requires that no label weighs less than one that beats it: then those that beat a label come
// before it, and what comes after the last one kept need not be looked at.
std::vector<WeighedLabel> least_unbeaten(std::vector<WeighedLabel> labels, std::size_t most,
                                         Work& work);

}  // namespace galvatron::search
