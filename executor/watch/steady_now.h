// Now, by a clock that never goes back.
#pragma once

#include <chrono>

#include "cost_models/units.h"

namespace galvatron {

inline Seconds steady_now() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return {std::chrono::duration<double>(now).count()};
}

}  // namespace galvatron
