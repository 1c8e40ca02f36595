// A cluster as data: one kind of device, the links inside and between nodes, how fast each is in
// practice. Every section says where its numbers come from; an unknown number is absent.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "cost_models/collective_table.h"
#include "cost_models/device.h"
#include "cost_models/precision.h"
#include "cost_models/published_costs.h"
#include "cost_models/units.h"

namespace galvatron {

// base + per_rank x participants; between nodes every node is one participant.
struct Latency {
  Seconds base{};
  Seconds per_rank{};

  bool operator==(const Latency&) const = default;
};

// Line rates are what all ranks of a node have at once; where both are present the lesser counts.
// `bus` is measured: the rate at which a collective over that many ranks moves
// payload x (n-1)/n x (2 for all-reduce). Absent: line rate x collective_efficiency.
struct Link {
  std::optional<BytesPerSecond> rate_per_device{};
  std::optional<BytesPerSecond> rate_per_node{};
  double efficiency = 1;             // of the line rate, send and receive
  double collective_efficiency = 1;  // of the line rate, collectives
  Latency latency{};
  std::map<int, BytesPerSecond> bus{};
  std::map<int, BytesPerSecond> strided_bus{};  // groups that are not consecutive; absent: as bus
  std::string origin{};

  bool operator==(const Link&) const = default;
};

// Of one collective; what is absent is as for all of them.
struct CollectiveOverlap {
  std::optional<double> compute_slowdown{};
  std::optional<double> traffic_slowdown{};

  bool operator==(const CollectiveOverlap&) const = default;
};

// While a device computes and communicates at once, either is slower by its factor. Each collective
// may have factors of its own: they take more or less of a device's memory and kernels.
struct Overlap {
  double compute_slowdown = 1;  // kx
  double traffic_slowdown = 1;  // ky
  std::optional<CollectiveOverlap> all_reduce{};
  std::optional<CollectiveOverlap> all_gather{};
  std::optional<CollectiveOverlap> reduce_scatter{};
  std::optional<CollectiveOverlap> all_to_all{};
  std::optional<CollectiveOverlap> send{};  // and the receive that meets it
  std::string origin{};

  bool operator==(const Overlap&) const = default;
};

struct Hardware {
  std::string name{};
  int nodes = 1;
  int devices_per_node = 1;
  Device device{};
  Link intra_node{};
  Link inter_node{};
  Overlap overlap{};
  std::optional<MeasuredCollectives> collectives{};  // before the laws of the links
  // Present: plans are priced by the published cost model, and links and rates are not needed.
  std::optional<PublishedCosts> published{};

  bool operator==(const Hardware&) const = default;
};

inline int device_count(const Hardware& hardware) {
  return hardware.nodes * hardware.devices_per_node;
}

// Whether the profile knows how fast products of this format are; published times are of fp32.
inline bool computes_in(const Hardware& hardware, Precision precision) {
  if (hardware.published) return precision == Precision::fp32;
  return hardware.device.peak[precision] && hardware.device.product[precision];
}

}  // namespace galvatron
