// The answer to a question asked again, as people read it.
#pragma once

#include <string>

#include "planner/plan/plan.h"
#include "planner/review/search_again.h"

namespace galvatron {

// The strategy of most layers, the first of equals.
const Strategy& main_strategy(const Plan& plan);

// "2 stages, 8 micro-batches: mostly tensor 4, data 128, ZeRO 1"; without "mostly" where all layers
// agree.
std::string decisions_text(const Plan& plan);

// "does not fit: stage 0 of 4 needs at least 93.1 GiB of 80.0 GiB, most of it activations".
// Requires an answer without a plan.
std::string reason_text(const Answer& answer, Bytes budget);

// "+3.1 %": how much longer `other` takes.
std::string longer_text(Seconds step, Seconds other);

}  // namespace galvatron
