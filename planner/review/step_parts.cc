#include "planner/review/step_parts.h"

#include <limits>
#include <vector>

namespace galvatron {

Seconds total(const StepParts& parts) {
  Seconds sum;
  for_each_field(parts, [&](std::string_view, Seconds part) { sum += part; });
  return sum;
}

PartIncrease largest_increase(const StepParts& before, const StepParts& after) {
  std::vector<Seconds> known;
  for_each_field(before, [&](std::string_view, Seconds part) { known.push_back(part); });
  PartIncrease largest{.name = {}, .increase = {-std::numeric_limits<double>::infinity()}};
  auto part_before = known.begin();
  for_each_field(after, [&](std::string_view name, Seconds part) {
    const Seconds increase = part - *part_before++;
    if (increase > largest.increase) largest = {.name = name, .increase = increase};
  });
  return largest;
}

}  // namespace galvatron
