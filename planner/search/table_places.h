// Where the uses of a tied table stand, seen from the stages.
//
// A use whose stage holds the use before as well finds the table there, and reduces none of its
// own. T5's table has three uses, and whether the one in the middle stands with the first, with the
// last or with neither depends on the cut. Prices know it only if it is said: so a problem is split
// by it, and each part has bonds that allow just the cuts of which it is true.
#pragma once

#include <vector>

#include "planner/model/layer_graph.h"
#include "planner/search/problem.h"

namespace galvatron {

// By use of the table but the first: whether its stage holds the use before. Empty: not said.
using SharedUses = std::vector<bool>;

// The layers that use the table, in order. Empty where no cut makes a difference, as between a
// first and a last layer, and where tables or uses are too many to split a problem by.
std::vector<int> placed_uses(const LayerGraph& graph);

// Every answer there is; a single empty one without such a table.
std::vector<SharedUses> table_places(const std::vector<int>& uses);

// Requires as many uses as `shared` has, and one.
std::vector<search::Bond> bonds_of(const std::vector<int>& uses, const SharedUses& shared);

}  // namespace galvatron
