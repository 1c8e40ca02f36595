// Repeated measurements of one thing at several sizes, as lists of equal length.
#pragma once

#include <string>
#include <vector>

#include "cost_models/fields.h"
#include "cost_models/units.h"

namespace galvatron {

// Of `repetitions` runs: the median, which is what is planned with; the least; the value that 95 %
// of them do not exceed.
struct Timing {
  Seconds median{};
  Seconds minimum{};
  Seconds p95{};
  int repetitions = 0;

  bool operator==(const Timing&) const = default;
};

// One Timing per size.
struct TimingCurve {
  std::vector<Seconds> median{};
  std::vector<Seconds> minimum{};
  std::vector<Seconds> p95{};
  std::vector<int> repetitions{};

  bool operator==(const TimingCurve&) const = default;
};

inline void append(TimingCurve& curve, const Timing& timing) {
  curve.median.push_back(timing.median);
  curve.minimum.push_back(timing.minimum);
  curve.p95.push_back(timing.p95);
  curve.repetitions.push_back(timing.repetitions);
}

// Whether it holds one positive time per size.
bool covers(const TimingCurve& curve, std::size_t sizes);

template <MaybeConst<TimingCurve> Object, typename Visit>
void for_each_field(Object& curve, Visit visit) {
  auto& [median, minimum, p95, repetitions] = curve;
  visit("median_us", median);
  visit("minimum_us", minimum);
  visit("p95_us", p95);
  visit("repetitions", repetitions);
}

}  // namespace galvatron
