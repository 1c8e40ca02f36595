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
  Time optimizer = 0;
  Size memory = 0;
  std::int32_t parent = -1;  // index into the trail of the search, -1 at the first layer
  std::int32_t item = 0;
};

// Leaves the unbeaten labels, ordered by cost[0] and then by everything else; of equal ones the
// first.
void keep_unbeaten(std::vector<Label>& labels, Work& work);

}  // namespace galvatron::search
