// Computation and traffic at the same time, each slowing the other down.
#pragma once

#include <algorithm>

#include "cost_models/hardware.h"
#include "cost_models/units.h"

namespace galvatron {

// Time until both are done. Traffic alone would take `traffic`, kept from it by computation
// ky traffic; computation likewise kx compute. Whichever ends first leaves the rest of the other at
// full speed. kx = ky = 1 gives the longer of both, kx = ky = 2 the sum: no gain at all.
constexpr Seconds overlapped_time(Seconds compute, Seconds traffic, double kx, double ky) {
  const Seconds slow_traffic = traffic * ky;
  const Seconds slow_compute = compute * kx;
  return slow_traffic <= slow_compute ? slow_traffic + (compute - slow_traffic / kx)
                                      : slow_compute + (traffic - slow_compute / ky);
}

inline Seconds overlapped_time(Seconds compute, Seconds traffic, const Overlap& overlap) {
  return overlapped_time(compute, traffic, overlap.compute_slowdown, overlap.traffic_slowdown);
}

// The slowdowns that explain two measurements: beside a computation that ends after it, traffic
// adds `of_traffic` of its own time; beside traffic that ends after it, a computation adds
// `of_compute` of its own. By the law above
//   of_traffic = ky (kx - 1) / kx,   of_compute = kx (ky - 1) / ky.
// Where nothing at all overlaps both are 1, which every kx = ky / (ky - 1) explains: then, and
// close to it, both slowdowns are taken as equal.
constexpr Overlap slowdowns_of(double of_traffic, double of_compute) {
  constexpr double kNoOverlap = 0.9;
  const double u = std::clamp(of_traffic, 0.0, 1.0);
  const double v = std::clamp(of_compute, 0.0, 1.0);
  if (u > kNoOverlap || v > kNoOverlap) {
    const double both = 1 + (u + v) / 2;
    return {.compute_slowdown = both, .traffic_slowdown = both};
  }
  return {.compute_slowdown = (1 - u * v) / (1 - u), .traffic_slowdown = (1 - u * v) / (1 - v)};
}

}  // namespace galvatron
