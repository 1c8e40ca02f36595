#include "cost_models/stage_memory.h"

namespace galvatron {
namespace {

// Groups a rank may belong to: all ranks, tensor, data; with several stages also the neighbour on
// either side and the holders of a tied table.
constexpr std::int64_t kGroupsOfOneStage = 3;
constexpr std::int64_t kGroupsOfSeveral = 6;

}  // namespace

StageOverhead stage_overhead(const Cluster& cluster) {
  const DeviceOverhead& device = cluster.hardware.device.overhead;
  const std::int64_t groups = cluster.stages > 1 ? kGroupsOfSeveral : kGroupsOfOneStage;
  return {.context = device.context, .communicators = device.communicator * groups};
}

}  // namespace galvatron
