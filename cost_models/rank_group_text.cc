#include "cost_models/rank_group_text.h"

namespace galvatron {

std::string rank_group_text(const RankGroup& group) {
  std::string text = std::to_string(group.first);
  if (!group.ranks.empty() || group.size == 2) {
    for (int i = 1; i < group.size; ++i) text += ", " + std::to_string(rank_at(group, i));
    return text;
  }
  if (group.size > 1) text += "-" + std::to_string(rank_at(group, group.size - 1));
  if (group.stride > 1) text += " by " + std::to_string(group.stride);
  return text;
}

}  // namespace galvatron
