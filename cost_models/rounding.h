// Exact integer division upward.
#pragma once

#include <cstdint>

namespace galvatron {

// Away from zero for a negative count; requires divisor >= 1.
constexpr std::int64_t divide_up(std::int64_t count, std::int64_t divisor) {
  return count < 0 ? -divide_up(-count, divisor) : (count + divisor - 1) / divisor;
}

constexpr std::int64_t round_up(std::int64_t count, std::int64_t multiple) {
  return divide_up(count, multiple) * multiple;
}

}  // namespace galvatron
