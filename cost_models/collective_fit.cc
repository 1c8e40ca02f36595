#include "cost_models/collective_fit.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

#include "cost_models/timing_of.h"

namespace galvatron {
namespace {

constexpr double kOneWayLatency = 0.7;  // of an all-reduce's, inside a node (collectives.h)

bool is_send(const CollectiveSample& sample) {
  return sample.collective.kind == CollectiveKind::send;
}

// Whether it moves its volume over a ring, as the law of a link's bus has it.
bool tells_of_bus(const CollectiveSample& sample) {
  return !is_send(sample) && sample.collective.kind != CollectiveKind::all_to_all;
}

// Bytes over the bus.
double volume(const CollectiveSample& sample) {
  const double ranks = sample.placement.ranks;
  const double moved = static_cast<double>(sample.collective.payload.value) * (ranks - 1) / ranks;
  return sample.collective.kind == CollectiveKind::all_reduce ? 2 * moved : moved;
}

// What an all-reduce's latency must be multiplied with: its share for this kind and place.
double latency_share(const CollectiveSample& sample) {
  const bool is_all_reduce = sample.collective.kind == CollectiveKind::all_reduce;
  if (sample.placement.nodes == 1) return is_all_reduce ? 1 : kOneWayLatency;
  return 1;
}

// Of samples of one placement: the latency of an all-reduce, and the bus.
struct Fit {
  Seconds latency{};
  BytesPerSecond bus{};
};

Fit fit(const std::vector<const CollectiveSample*>& samples) {
  const auto by_volume = [](const CollectiveSample* a, const CollectiveSample* b) {
    return volume(*a) < volume(*b);
  };
  const auto [smallest, largest] = std::minmax_element(samples.begin(), samples.end(), by_volume);
  const double moved = volume(**largest);
  const Seconds took = (*largest)->time;
  const double more = moved - volume(**smallest);
  const Seconds longer = took - (*smallest)->time;
  const double per_second = more > 0 && longer.value > 0 ? more / longer.value : 0;
  // A line that would start below zero starts there.
  const double latency = per_second > 0 ? took.value - moved / per_second : 0;
  if (latency <= 0) return {.latency = {}, .bus = {moved / took.value}};
  return {.latency = Seconds{latency} / latency_share(**smallest), .bus = {per_second}};
}

// base + per_participant n through the points, neither of them negative. One point: per_participant
// as it was, as far as the point leaves room for it.
Latency latency_line(const std::map<int, Seconds>& by_participants, const Latency& before) {
  const double count = static_cast<double>(by_participants.size());
  double x = 0, y = 0, xx = 0, xy = 0;
  for (const auto& [participants, latency] : by_participants) {
    x += participants;
    y += latency.value;
    xx += static_cast<double>(participants) * participants;
    xy += participants * latency.value;
  }
  double slope = by_participants.size() > 1 ? (count * xy - x * y) / (count * xx - x * x)
                                            : before.per_rank.value;
  slope = std::clamp(slope, 0.0, y / x);
  return {.base = {std::max(0.0, (y - slope * x) / count)}, .per_rank = {slope}};
}

enum class Place { inside_a_node, across_nodes };

Place place_of(const CollectiveSample& sample) {
  return sample.placement.nodes == 1 ? Place::inside_a_node : Place::across_nodes;
}

using ByPlacement = std::map<int, std::vector<const CollectiveSample*>>;  // by ranks

// Collectives of one link and spacing.
ByPlacement collectives(const std::vector<CollectiveSample>& samples, Place place,
                        GroupPlacement::Spacing spacing) {
  ByPlacement groups;
  for (const CollectiveSample& sample : samples) {
    if (!tells_of_bus(sample) || place_of(sample) != place) continue;
    if (sample.placement.spacing != spacing) continue;
    groups[sample.placement.ranks].push_back(&sample);
  }
  return groups;
}

std::map<int, BytesPerSecond> buses_of(const ByPlacement& groups) {
  std::map<int, BytesPerSecond> buses;
  for (const auto& [ranks, group] : groups) buses[ranks] = fit(group).bus;
  return buses;
}

// The latency of each group by its participants: ranks inside a node, nodes across them.
Latency latency_of(const ByPlacement& groups, const Latency& before) {
  std::map<int, Seconds> points;
  for (const auto& [ranks, group] : groups) {
    const Seconds latency = fit(group).latency;
    const int nodes = group.front()->placement.nodes;
    points[nodes == 1 ? ranks : nodes] = latency;
  }
  return latency_line(points, before);
}

void set_collectives(Link& link, const std::vector<CollectiveSample>& samples, Place place,
                     const std::string& origin) {
  using Spacing = GroupPlacement::Spacing;
  const ByPlacement consecutive = collectives(samples, place, Spacing::consecutive);
  const ByPlacement strided = collectives(samples, place, Spacing::strided);
  if (!consecutive.empty()) {
    link.bus = buses_of(consecutive);
    link.latency = latency_of(consecutive, link.latency);
    // An all-reduce across nodes pays its second part more than the law's base says.
    if (place == Place::across_nodes) {
      link.latency.per_rank = link.latency.per_rank / std::numbers::sqrt2;
    }
  }
  if (!strided.empty()) link.strided_bus = buses_of(strided);
  if (!consecutive.empty() || !strided.empty()) link.origin = origin;
}

void set_sends(Link& link, const std::vector<CollectiveSample>& samples, Place place,
               const std::string& origin) {
  BytesPerSecond fastest;
  for (const CollectiveSample& sample : samples) {
    if (!is_send(sample) || place_of(sample) != place) continue;
    const BytesPerSecond rate{static_cast<double>(sample.collective.payload.value) /
                              sample.time.value};
    fastest = std::max(fastest, rate);
  }
  if (fastest.value == 0) return;
  link.rate_per_device = fastest / link.efficiency;
  link.origin = origin;
}

}  // namespace

Hardware with_measured_links(Hardware hardware, const std::vector<CollectiveSample>& samples,
                             const std::string& origin) {
  for (const Place place : {Place::inside_a_node, Place::across_nodes}) {
    Link& link = place == Place::inside_a_node ? hardware.intra_node : hardware.inter_node;
    set_collectives(link, samples, place, origin);
    set_sends(link, samples, place, origin);
  }
  return hardware;
}

namespace {

// One collective over one kind of group, its times by their size.
struct Series {
  CollectiveKind kind = CollectiveKind::all_reduce;
  GroupPlacement placement{};
  std::map<Bytes, std::vector<Seconds>> times{};
};

std::vector<Series> series_of(const std::vector<CollectiveSample>& samples) {
  std::vector<Series> all;
  for (const CollectiveSample& sample : samples) {
    auto found = std::find_if(all.begin(), all.end(), [&](const Series& series) {
      return series.kind == sample.collective.kind && series.placement == sample.placement;
    });
    if (found == all.end()) {
      found = all.insert(found, {.kind = sample.collective.kind, .placement = sample.placement});
    }
    found->times[sample.collective.payload].push_back(sample.time);
  }
  return all;
}

CollectiveTable table_of(const Series& series) {
  CollectiveTable table{.collective = series.kind, .placement = series.placement};
  for (const auto& [payload, times] : series.times) {
    table.payload.push_back(payload);
    append(table.time, timing_of(times));
  }
  return table;
}

}  // namespace

Hardware with_measured_tables(Hardware hardware, const std::vector<CollectiveSample>& samples,
                              const std::string& origin) {
  if (samples.empty()) return hardware;
  MeasuredCollectives& measured =
      hardware.collectives ? *hardware.collectives : hardware.collectives.emplace();
  measured.origin = origin;
  for (const Series& series : series_of(samples)) {
    std::erase_if(measured.tables, [&](const CollectiveTable& table) {
      return table.collective == series.kind && table.placement == series.placement;
    });
    measured.tables.push_back(table_of(series));
  }
  return hardware;
}

}  // namespace galvatron
