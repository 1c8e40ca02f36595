// How a group of ranks meets the nodes.
#pragma once

#include "cost_models/named_values.h"

namespace galvatron {

struct GroupPlacement {
  int ranks = 1;
  int nodes = 1;
  int ranks_per_node = 1;  // the fewest on any node
  enum class Spacing { consecutive, strided } spacing = Spacing::consecutive;

  bool operator==(const GroupPlacement&) const = default;
};

inline constexpr NamedValues<GroupPlacement::Spacing, 2> kSpacingNames{
    {{GroupPlacement::Spacing::consecutive, "consecutive"},
     {GroupPlacement::Spacing::strided, "strided"}}};

}  // namespace galvatron
