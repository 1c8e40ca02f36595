#include "executor/profile/noise_report.h"

#include <fmt/format.h>

#include <functional>
#include <optional>

namespace galvatron {
namespace {

constexpr double kNoisy = 2;  // p95 over the median

void add_curve(NoiseReport& noise, const TimingCurve& curve,
               const std::function<std::string(std::size_t)>& name) {
  for (std::size_t i = 0; i < curve.median.size(); ++i) {
    noise.add({.median = curve.median[i], .p95 = curve.p95[i]}, name(i));
  }
}

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

NoiseReport noise_of(const Hardware& hardware) {
  NoiseReport noise;
  for (const auto& [precision, precision_name] : kPrecisionNames) {
    const std::optional<ProductLaw>& law = hardware.device.product[precision];
    if (!law || !law->measured) continue;
    const ProductTable& products = *law->measured;
    add_curve(noise, products.time, [&, name = precision_name](std::size_t i) {
      return fmt::format("{} product of {} x {} x {}", name, products.m[i], products.n[i],
                         products.k[i]);
    });
  }
  if (!hardware.collectives) return noise;
  for (const CollectiveTable& table : hardware.collectives->tables) {
    add_curve(noise, table.time, [&](std::size_t i) {
      return fmt::format("{} over {} ranks, {} bytes", name_of(kCollectiveNames, table.collective),
                         table.placement.ranks, table.payload[i].value);
    });
  }
  return noise;
}

}  // namespace galvatron
