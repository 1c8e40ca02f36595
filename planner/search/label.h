// Partial stages, and which of them can be forgotten.
//
// A label is a stage up to some layer, ending in some layout. Of two that end alike, one is beaten
// when the other is no larger in every criterion and every resource: whatever completes it
// completes the other as well. Memory counts twice, as it is and with the transient: with both no
// larger, memory + max(transient, rest) is no larger for any rest.
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
  Size transient = 0;        // largest so far, beyond the least of the stage's range
  std::int32_t parent = -1;  // index into the trail of the search, -1 at the first layer
  std::int32_t item = 0;     // the last one, by rank; in the trail itself the label's own index
};

// Tells labels of equal numbers and the same end apart: the one with the larger last item comes
// first, or with the same last item, the one whose parent does.
bool precedes(const Label& one, const Label& other);

// Leaves the unbeaten labels, ordered by cost[0] and then by everything else; of equal ones the one
// that precedes.
void keep_unbeaten(std::vector<Label>& labels, Work& work);

// Adds a label unless one of the same end beats it; where one is equal, the one that precedes
// stays. Those it beats are not looked for: offer labels by a rising weight of their numbers.
void add_unbeaten(std::vector<Label>& labels, const Label& label);

}  // namespace galvatron::search
