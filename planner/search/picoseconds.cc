#include "planner/search/picoseconds.h"

#include <fmt/format.h>

#include <cmath>
#include <stdexcept>

namespace galvatron {

search::Time picoseconds(Seconds time) {
  constexpr double kPerSecond = 1e12;
  constexpr double kMost = 1e18;
  const double exact = time.value * kPerSecond;
  if (exact >= 0 && exact <= kMost) return std::llround(exact);
  throw std::range_error(fmt::format(
      "a layer would take {:.3g} s: the hardware profile, the runtime or the model profile holds a "
      "number that is out of all bounds",
      time.value));
}

}  // namespace galvatron
