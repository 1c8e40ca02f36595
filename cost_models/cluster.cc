#include "cost_models/cluster.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

namespace galvatron {
namespace {

// More nodes are worse, then fewer ranks on each.
bool is_worse(const GroupPlacement& a, const GroupPlacement& b) {
  if (a.nodes != b.nodes) return a.nodes > b.nodes;
  return a.ranks_per_node < b.ranks_per_node;
}

// After how many steps a rank meets the nodes in the same way again.
int period(int step, int devices_per_node) {
  return devices_per_node / std::gcd(step, devices_per_node);
}

// Of the group's ranks, those on the node of its rank `index`, from that rank on.
int ranks_on_node(const RankGroup& group, int index, int devices_per_node) {
  const int to_next_node = devices_per_node - rank_at(group, index) % devices_per_node;
  return std::min((to_next_node + group.stride - 1) / group.stride, group.size - index);
}

}  // namespace

GroupPlacement placement_of(const RankGroup& group, int devices_per_node) {
  GroupPlacement placement{.ranks = group.size,
                           .nodes = group.size,
                           .ranks_per_node = 1,
                           .spacing = group.stride == 1 ? GroupPlacement::Spacing::consecutive
                                                        : GroupPlacement::Spacing::strided};
  if (group.stride >= devices_per_node) return placement;
  // Shorter strides skip no node.
  const int last_node = rank_at(group, group.size - 1) / devices_per_node;
  placement.nodes = last_node - group.first / devices_per_node + 1;
  placement.ranks_per_node = group.size;
  // How full a node is repeats after stride / gcd nodes; only the first and the last are cut short.
  const int distinct = std::min(placement.nodes - 1, 1 + period(devices_per_node, group.stride));
  int index = 0;
  for (int node = 0; node < distinct; ++node) {
    const int on_node = ranks_on_node(group, index, devices_per_node);
    placement.ranks_per_node = std::min(placement.ranks_per_node, on_node);
    index += on_node;
  }
  const int before_last = last_node * devices_per_node - 1 - group.first;
  const int first_on_last = before_last < 0 ? 0 : before_last / group.stride + 1;
  placement.ranks_per_node = std::min(placement.ranks_per_node, group.size - first_on_last);
  return placement;
}

GroupPlacement stage_placement(const GroupShape& shape, const Cluster& cluster) {
  if (shape.size == 1) return {};
  // Where a group's first rank lies on its node decides its placement: these are all the cases.
  const int places = cluster.hardware.devices_per_node;
  const int devices = cluster.devices_per_stage;
  const int block = shape.size * shape.stride;
  const int stages = std::min(cluster.stages, period(devices, places));
  const int blocks = std::min(devices / block, period(block, places));
  const int neighbours = std::min(shape.stride, places);

  GroupPlacement worst;
  std::vector<char> seen(static_cast<std::size_t>(places));
  for (int index = 0; index < stages * blocks * neighbours; ++index) {
    const int stage = index / (blocks * neighbours);
    const int first =
        (stage * devices + index / neighbours % blocks * block + index % neighbours) % places;
    if (std::exchange(seen[static_cast<std::size_t>(first)], 1) != 0) continue;
    const GroupPlacement placement =
        placement_of({.first = first, .size = shape.size, .stride = shape.stride}, places);
    if (worst.ranks == 1 || is_worse(placement, worst)) worst = placement;
  }
  return worst;
}

GroupPlacement tensor_placement(const Layout& layout, const Cluster& cluster) {
  const RankGroup group = tensor_group(layout, 0);
  return stage_placement({.size = group.size, .stride = group.stride}, cluster);
}

GroupPlacement data_placement(const Layout& layout, const Cluster& cluster) {
  const RankGroup group = data_group(layout, 0);
  return stage_placement({.size = group.size, .stride = group.stride}, cluster);
}

GroupPlacement pipeline_placement(const Cluster& cluster) {
  const int ranks = cluster.stages * cluster.devices_per_stage;
  const int nodes = ranks > cluster.hardware.devices_per_node ? 2 : 1;
  return {.ranks = 2, .nodes = nodes, .ranks_per_node = nodes == 2 ? 1 : 2};
}

GroupPlacement world_placement(const Cluster& cluster) {
  return placement_of({.first = 0, .size = cluster.stages * cluster.devices_per_stage},
                      cluster.hardware.devices_per_node);
}

}  // namespace galvatron
