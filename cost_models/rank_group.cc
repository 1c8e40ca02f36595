#include "cost_models/rank_group.h"

#include <utility>

namespace galvatron {

RankGroup group_of(std::vector<int> ranks) {
  RankGroup group{.first = ranks.front(), .size = static_cast<int>(ranks.size())};
  if (ranks.size() < 2) return group;
  group.stride = ranks[1] - ranks[0];
  for (std::size_t i = 2; i < ranks.size(); ++i) {
    if (ranks[i] - ranks[i - 1] == group.stride) continue;
    group.stride = 1;
    group.ranks = std::move(ranks);
    break;
  }
  return group;
}

}  // namespace galvatron
