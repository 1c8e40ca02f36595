// How far what a plan trains to lies from what one process trains to.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

namespace galvatron {

inline constexpr double kLossTolerance = 1e-5;  // relative, of fp32 sums taken in another order
inline constexpr double kNormTolerance = 1e-4;

// Of the values to those expected, of which there are as many: relative.
inline double largest_difference(const std::vector<double>& values,
                                 const std::vector<double>& expected) {
  double largest = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    largest = std::max(largest, std::abs(values[i] - expected[i]) / std::abs(expected[i]));
  }
  return largest;
}

}  // namespace galvatron
