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

}  // namespace galvatron
