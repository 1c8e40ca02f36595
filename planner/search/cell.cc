#include "planner/search/cell.h"

#include <bit>
#include <cstdint>

namespace galvatron::search {

Time saturating_sum(Time one, Time other) {
  return one > kUnlimited - other ? kUnlimited : one + other;
}

Time power_of_two(Time time) {
  return time <= 1 ? 1 : static_cast<Time>(std::bit_floor(static_cast<std::uint64_t>(time)));
}

Time rounded_cap(const Cell& cell) {
  constexpr Time kSteps = 8;
  if (cell.is_sharp) return cell.high;
  const Time step = power_of_two((cell.high - cell.low) / kSteps);
  return (cell.high / step + (cell.high % step > 0 ? 1 : 0)) * step;
}

}  // namespace galvatron::search
