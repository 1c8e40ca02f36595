// Computation and traffic at the same time, each slowing the other down.
#pragma once

#include <algorithm>
#include <initializer_list>

#include "cost_models/fields.h"
#include "cost_models/hardware.h"
#include "cost_models/layer_collectives.h"
#include "cost_models/units.h"

namespace galvatron {

// By how much computation (kx) and traffic (ky) last longer beside each other.
struct Slowdowns {
  double compute = 1;  // kx
  double traffic = 1;  // ky

  bool operator==(const Slowdowns&) const = default;
};

// The profile's entry for a collective. Receives are sends.
template <MaybeConst<Overlap> Object>
auto& overlap_of(Object& overlap, CollectiveKind kind) {
  switch (kind) {
    case CollectiveKind::all_reduce:
      return overlap.all_reduce;
    case CollectiveKind::all_gather:
      return overlap.all_gather;
    case CollectiveKind::reduce_scatter:
      return overlap.reduce_scatter;
    case CollectiveKind::all_to_all:
      return overlap.all_to_all;
    case CollectiveKind::send:
    case CollectiveKind::receive:
      break;
  }
  return overlap.send;
}

// Each factor is the collective's own where the profile has one, else that of all collectives.
inline Slowdowns slowdowns_beside(const Overlap& overlap, CollectiveKind kind) {
  const CollectiveOverlap own = overlap_of(overlap, kind).value_or(CollectiveOverlap{});
  return {.compute = own.compute_slowdown.value_or(overlap.compute_slowdown),
          .traffic = own.traffic_slowdown.value_or(overlap.traffic_slowdown)};
}

// The mean over the collectives that have factors of their own; what holds for all where none has.
inline Slowdowns mean_slowdowns(const Overlap& overlap) {
  Slowdowns sum{.compute = 0, .traffic = 0};
  int known = 0;
  for (const auto& [kind, name] : kCollectiveNames) {
    if (kind == CollectiveKind::receive || !overlap_of(overlap, kind)) continue;
    const Slowdowns own = slowdowns_beside(overlap, kind);
    sum.compute += own.compute;
    sum.traffic += own.traffic;
    ++known;
  }
  if (known == 0) return {overlap.compute_slowdown, overlap.traffic_slowdown};
  return {.compute = sum.compute / known, .traffic = sum.traffic / known};
}

// Traffic that alone would take `time`.
struct Transmission {
  Seconds time{};
  Slowdowns slowdowns{};
};

// Time until a computation and transmissions, which come one after the other, are all done. Beside
// computation a transmission takes ky times as long; what it keeps from the computation, kx times.
// Whichever ends first leaves the rest of the other at full speed. kx = ky = 1 gives the longer of
// both, kx = ky = 2 the sum: no gain at all.
constexpr Seconds overlapped_time(Seconds compute,
                                  std::initializer_list<Transmission> transmissions) {
  Seconds passed{};
  for (const auto& [time, slowdowns] : transmissions) {
    const Seconds slow_traffic = time * slowdowns.traffic;
    const Seconds slow_compute = compute * slowdowns.compute;
    if (slow_traffic <= slow_compute) {
      passed += slow_traffic;
      compute -= slow_traffic / slowdowns.compute;
    } else {
      passed += slow_compute + (time - slow_compute / slowdowns.traffic);
      compute = Seconds{};
    }
  }
  return passed + compute;
}

constexpr Seconds overlapped_time(Seconds compute, Seconds traffic, const Slowdowns& slowdowns) {
  return overlapped_time(compute, {{.time = traffic, .slowdowns = slowdowns}});
}

// What a transmission takes from a computation that ends after it.
constexpr Seconds lost_time(const Transmission& transmission) {
  const auto& [compute, traffic] = transmission.slowdowns;
  return transmission.time * (traffic * (compute - 1) / compute);
}

// The slowdowns that explain two measurements: beside a computation that ends after it, traffic
// adds `of_traffic` of its own time; beside traffic that ends after it, a computation adds
// `of_compute` of its own. By the law above
//   of_traffic = ky (kx - 1) / kx,   of_compute = kx (ky - 1) / ky.
// Where nothing at all overlaps both are 1, which every kx = ky / (ky - 1) explains: then, and
// close to it, both slowdowns are taken as equal.
constexpr Slowdowns slowdowns_of(double of_traffic, double of_compute) {
  constexpr double kNoOverlap = 0.9;
  const double u = std::clamp(of_traffic, 0.0, 1.0);
  const double v = std::clamp(of_compute, 0.0, 1.0);
  if (u > kNoOverlap || v > kNoOverlap) {
    const double both = 1 + (u + v) / 2;
    return {.compute = both, .traffic = both};
  }
  return {.compute = (1 - u * v) / (1 - u), .traffic = (1 - u * v) / (1 - v)};
}

}  // namespace galvatron
