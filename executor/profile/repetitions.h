// How often to repeat a measurement, and the clock that times it.
#pragma once

#include <functional>
#include <vector>

#include "cost_models/units.h"

namespace galvatron {

struct RepetitionLimits {
  Seconds budget{0.3};  // repeated until so much time has gone by
  int least = 3;
  int most = 200;
};

// Whether one more repetition is due after those.
bool wants_more(const std::vector<Seconds>& times, const RepetitionLimits& limits);

Seconds now();  // of a clock that never goes back

}  // namespace galvatron
