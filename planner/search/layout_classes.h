// Layouts that no stage can tell apart, taken as one.
//
// Two layouts are alike when changes between them are free, when changes to and from every third
// one cost the same from both, and when the ends of a stage do. Layers of one type in alike layouts
// may change places, which a search over layouts cannot see: it would try all their orders. Only
// tolls count that neighbours in the chain can be asked for, and layouts that some option has.
#pragma once

#include <vector>

#include "planner/search/problem.h"

namespace galvatron::search {

struct LayoutClasses {
  int count = 0;
  std::vector<int> of_layout{};               // -1 where no option has the layout
  std::vector<std::vector<Toll>> switches{};  // [switch table], [from * count + to]
  std::vector<std::vector<Toll>> enter{};     // [type][class]
  std::vector<std::vector<Toll>> leave{};     // [type][class]
};

LayoutClasses layout_classes(const Problem& problem);

}  // namespace galvatron::search
