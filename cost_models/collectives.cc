#include "cost_models/collectives.h"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <limits>
#include <numbers>

namespace galvatron {
namespace {

constexpr double kOneWayLatency = 0.7;  // of an all-reduce's, inside a node

// What `ranks` ranks of one node have together while all ranks of the node communicate.
BytesPerSecond line_rate(const Link& link, int ranks, int devices_per_node) {
  assert(link.rate_per_device || link.rate_per_node);
  BytesPerSecond rate{std::numeric_limits<double>::infinity()};
  if (link.rate_per_device) rate = *link.rate_per_device * ranks;
  if (link.rate_per_node) rate = std::min(rate, *link.rate_per_node * ranks / devices_per_node);
  return rate;
}

BytesPerSecond rate_inside(int ranks, GroupPlacement::Spacing spacing, const Hardware& hardware) {
  const Link& link = hardware.intra_node;
  const bool is_strided = spacing == GroupPlacement::Spacing::strided && !link.strided_bus.empty();
  const auto& bus = is_strided ? link.strided_bus : link.bus;
  if (!bus.empty()) return bus_rate(bus, ranks);
  return line_rate(link, 1, hardware.devices_per_node) * link.collective_efficiency;
}

BytesPerSecond rate_across(const GroupPlacement& placement, const Hardware& hardware) {
  const Link& link = hardware.inter_node;
  const BytesPerSecond network =
      link.bus.empty() ? line_rate(link, placement.ranks_per_node, hardware.devices_per_node) *
                             link.collective_efficiency
                       : bus_rate(link.bus, placement.ranks);
  if (placement.ranks_per_node == 1) return network;
  return std::min(network, rate_inside(placement.ranks_per_node, placement.spacing, hardware));
}

Seconds latency(const Collective& collective, const GroupPlacement& placement,
                const Hardware& hardware) {
  const bool is_all_reduce = collective.kind == CollectiveKind::all_reduce;
  if (placement.nodes == 1) {
    const Latency& inside = hardware.intra_node.latency;
    return (inside.base + inside.per_rank * placement.ranks) *
           (is_all_reduce ? 1.0 : kOneWayLatency);
  }
  const Latency& across = hardware.inter_node.latency;
  return across.base +
         across.per_rank * placement.nodes * (is_all_reduce ? std::numbers::sqrt2 : 1.0);
}

Seconds send_time(Bytes payload, const GroupPlacement& placement, const Hardware& hardware) {
  const Link& link = placement.nodes == 1 ? hardware.intra_node : hardware.inter_node;
  const bool has_line = link.rate_per_device || link.rate_per_node;
  return payload / (has_line ? line_rate(link, 1, hardware.devices_per_node) * link.efficiency
                             : bus_rate(link.bus, 2));
}

}  // namespace

bool has_rate(const Link& link) {
  return link.rate_per_device || link.rate_per_node || !link.bus.empty();
}

BytesPerSecond bus_rate(const std::map<int, BytesPerSecond>& bus, int ranks) {
  assert(!bus.empty());
  const auto above = bus.lower_bound(ranks);
  if (above == bus.end()) return bus.rbegin()->second;
  if (above->first == ranks || above == bus.begin()) return above->second;
  const auto below = std::prev(above);
  const double share =
      static_cast<double>(ranks - below->first) / static_cast<double>(above->first - below->first);
  return below->second + (above->second - below->second) * share;
}

BytesPerSecond collective_rate(const GroupPlacement& placement, const Hardware& hardware) {
  return placement.nodes == 1 ? rate_inside(placement.ranks, placement.spacing, hardware)
                              : rate_across(placement, hardware);
}

namespace {

Seconds lawful_time(const Collective& collective, const GroupPlacement& placement,
                    const Hardware& hardware) {
  const Seconds start = latency(collective, placement, hardware);
  const Seconds whole = collective.payload / collective_rate(placement, hardware);
  const double others = static_cast<double>(placement.ranks - 1) / placement.ranks;
  switch (collective.kind) {
    case CollectiveKind::all_reduce:
      return start + whole * (2 * others);
    case CollectiveKind::all_gather:
    case CollectiveKind::reduce_scatter:
      return start + whole * others;
    case CollectiveKind::all_to_all:
      // Every rank of a node may send all it has to other nodes at once.
      return start + whole * (placement.nodes == 1 ? 1 : placement.ranks_per_node);
    case CollectiveKind::send:
    case CollectiveKind::receive:
      return start + send_time(collective.payload, placement, hardware);
  }
  return start;
}

}  // namespace

Seconds collective_time(const Collective& collective, const GroupPlacement& placement,
                        const Hardware& hardware) {
  if (placement.ranks == 1) return {};
  const CollectiveTable* table = hardware.collectives
                                     ? find_table(*hardware.collectives, collective.kind, placement)
                                     : nullptr;
  if (table == nullptr) return lawful_time(collective, placement, hardware);
  if (const std::optional<Seconds> time = measured_time(*table, collective.payload)) return *time;
  const Collective largest{.kind = collective.kind, .payload = table->payload.back()};
  return table->time.median.back() *
         (lawful_time(collective, placement, hardware) / lawful_time(largest, placement, hardware));
}

}  // namespace galvatron
