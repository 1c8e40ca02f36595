#include "executor/profile/group_kinds.h"

#include "cost_models/cluster.h"

namespace galvatron {
namespace {

GroupKind kind_of(int ranks, const GroupShape& shape, int devices_per_node) {
  GroupKind kind;
  const int block = shape.size * shape.stride;
  for (int first = 0; first < ranks; ++first) {
    if (first % block >= shape.stride) continue;
    kind.groups.push_back({.first = first, .size = shape.size, .stride = shape.stride});
  }
  kind.placement = placement_of(kind.groups.front(), devices_per_node);
  return kind;
}

}  // namespace

std::vector<GroupKind> group_kinds(int ranks, int devices_per_node) {
  std::vector<GroupKind> kinds;
  for (int size = 2; size <= ranks; ++size) {
    if (ranks % size != 0) continue;
    kinds.push_back(kind_of(ranks, {.size = size, .stride = 1}, devices_per_node));
    if (size == ranks) continue;
    kinds.push_back(kind_of(ranks, {.size = size, .stride = ranks / size}, devices_per_node));
  }
  return kinds;
}

}  // namespace galvatron
