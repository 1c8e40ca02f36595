// A plan as people read it: what `galvatron show` and `galvatron plan` print.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "planner/cli/terminal.h"
#include "planner/model/layer_graph.h"
#include "planner/plan/plan.h"

namespace galvatron {

// "tensor 2, data 4, ZeRO 1, sequence parallel, recompute full"; "one device" where nothing is
// split.
std::string strategy_text(const Strategy& strategy);

// "4 micro-batches": `word` with an s or es where there is not one.
std::string plural(std::int64_t count, std::string_view word);

// Model, devices and batch in one line, schedule and stages in the next.
std::string heading_text(const Plan& plan, const Terminal& terminal);

// "3" or "3-5".
std::string range_text(int first, int last);

// Job and schedule, one line per stage and run of layers, a memory bar per stage, step time and
// certificate. Ends with a line end.
std::string plan_text(const Plan& plan, const LayerGraph& graph, const Terminal& terminal);

}  // namespace galvatron
