#include "cost_models/timing_of.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace galvatron {
namespace {

// The value that `share` of them do not exceed, of sorted times.
Seconds quantile(const std::vector<Seconds>& sorted, double share) {
  const auto last = static_cast<double>(sorted.size() - 1);
  const double place = share * last;
  const auto below = static_cast<std::size_t>(place);
  const auto above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (place - static_cast<double>(below));
}

// No clock tells more, and a file is easier to read.
Seconds in_nanoseconds(Seconds time) { return Seconds{std::round(time.value * 1e9) / 1e9}; }

}  // namespace

Timing timing_of(std::vector<Seconds> times) {
  assert(!times.empty());
  std::sort(times.begin(), times.end());
  return {.median = in_nanoseconds(quantile(times, 0.5)),
          .minimum = in_nanoseconds(times.front()),
          .p95 = in_nanoseconds(quantile(times, 0.95)),
          .repetitions = static_cast<int>(times.size())};
}

}  // namespace galvatron
