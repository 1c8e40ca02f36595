#include "executor/profile/noise_report.h"

#include <fmt/format.h>

namespace galvatron {
namespace {

constexpr double kNoisy = 2;  // p95 over the median

}  // namespace

void NoiseReport::add(const Timing& timing, const std::string& what) {
  ++measured_;
  const double spread = timing.p95 / timing.median;
  if (spread > kNoisy) ++noisy_;
  if (spread <= worst_) return;
  worst_ = spread;
  worst_name_ = what;
}

std::string NoiseReport::text() const {
  if (noisy_ == 0) return "";
  return fmt::format(
      "{} of {} measurements are noisy, most {}: one repetition in twenty takes "
      "{:.1f} times the median; is something else running?",
      noisy_, measured_, worst_name_, worst_);
}

}  // namespace galvatron
