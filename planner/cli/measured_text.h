// Prediction and measurement side by side, for people and for programs.
#pragma once

#include <string>

#include "planner/cli/plan_json.h"
#include "planner/review/measured_run.h"

namespace galvatron {

std::string measured_text(const MeasuredRun& run);

// step_seconds.{predicted, measured, fastest}, steps, stages[].{predicted_bytes, counted_bytes,
// parts.CATEGORY.{predicted_bytes, counted_bytes}, operation_seconds.KIND.{predicted, measured}}
Json measured_json(const MeasuredRun& run);

}  // namespace galvatron
