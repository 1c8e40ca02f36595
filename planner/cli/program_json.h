// A rank's program as programs read it.
#pragma once

#include "planner/cli/plan_json.h"
#include "planner/schedule/program.h"

namespace galvatron {

// One object per operation; absent: layer, unit, micro_batch or communication that it has not.
Json program_json(const RankProgram& program);

}  // namespace galvatron
