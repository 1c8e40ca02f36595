#include "planner/cli/quantity_text.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <string_view>
#include <utility>

namespace galvatron {

std::string number3(double value) {
  const double size = std::abs(value);
  if (size >= 99.95) return fmt::format("{:.0f}", value);
  if (size >= 9.995) return fmt::format("{:.1f}", value);
  return fmt::format("{:.2f}", value);
}

std::string bytes_text(Bytes size) {
  static constexpr std::array<std::pair<Bytes, std::string_view>, 3> kUnits{
      {{kGiB, "GiB"}, {kMiB, "MiB"}, {kKiB, "KiB"}}};
  for (const auto& [unit, name] : kUnits) {
    if (std::abs(size.value) < unit.value) continue;
    return fmt::format(
        "{} {}", number3(static_cast<double>(size.value) / static_cast<double>(unit.value)), name);
  }
  return fmt::format("{} B", size.value);
}

std::string seconds_text(Seconds time) {
  const double size = std::abs(time.value);
  if (size >= 1 || size == 0) return number3(time.value) + " s";
  if (size >= 1e-3) return number3(time.value * 1e3) + " ms";
  return number3(time.value * 1e6) + " us";
}

std::string change_text(Seconds time) {
  return fmt::format("{}{}", time.value < 0 ? "-" : "+", seconds_text({std::abs(time.value)}));
}

std::string step_text(Seconds time) {
  return time.value >= 1000 ? fmt::format("{:.0f} s", time.value)
                            : fmt::format("{:#.4g} s", time.value);
}

}  // namespace galvatron
