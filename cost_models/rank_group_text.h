// How a group is written: "0-7", "0-56 by 8", "0, 4" for two, "0, 1, 5" where no step leads on.
#pragma once

#include <string>

#include "cost_models/rank_group.h"

namespace galvatron {

std::string rank_group_text(const RankGroup& group);

}  // namespace galvatron
