#include "executor/profile/repetitions.h"

#include <chrono>
#include <numeric>

namespace galvatron {

bool wants_more(const std::vector<Seconds>& times, const RepetitionLimits& limits) {
  const int count = static_cast<int>(times.size());
  if (count < limits.least) return true;
  return count < limits.most &&
         std::accumulate(times.begin(), times.end(), Seconds{}) < limits.budget;
}

Seconds now() {
  return Seconds{
      std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count()};
}

}  // namespace galvatron
