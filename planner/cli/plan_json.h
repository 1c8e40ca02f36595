// A plan as programs read it: the JSON of `plan`, `estimate`, `show` and `check`.
#pragma once

#include <nlohmann/json.hpp>

#include "planner/plan/plan.h"

namespace galvatron {

using Json = nlohmann::ordered_json;

Json plan_json(const Plan& plan);

// Bytes by category, and what a layer does.
Json memory_json(const MemoryParts& parts);
Json strategy_json(const Strategy& strategy);

}  // namespace galvatron
