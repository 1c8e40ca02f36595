// The differences of two plans as people and as programs read them.
#pragma once

#include <string>
#include <vector>

#include "planner/cli/plan_json.h"
#include "planner/plan/diff.h"

namespace galvatron {

std::string changes_text(const std::vector<FieldChange>& changes);
Json changes_json(const std::vector<FieldChange>& changes);

}  // namespace galvatron
