// Summaries of repeated measurements, and how often to repeat.
#pragma once

#include <functional>
#include <vector>

#include "cost_models/timing.h"

namespace galvatron {

// Requires at least one time.
Timing timing_of(std::vector<Seconds> times);

struct RepetitionLimits {
  Seconds budget{0.3};  // repeated until so much time has gone by
  int least = 3;
  int most = 200;
};

// Whether one more repetition is due after those.
bool wants_more(const std::vector<Seconds>& times, const RepetitionLimits& limits);

Seconds now();  // of a clock that never goes back

}  // namespace galvatron
