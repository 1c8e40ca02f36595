// What a process can ask about the machine it runs on.
#pragma once

#include <c10/core/Device.h>

#include "cost_models/units.h"
#include "executor/communication/communicator.h"

namespace galvatron {

// How the ranks lie on nodes.
struct NodeLayout {
  int nodes = 1;
  int devices_per_node = 1;

  bool operator==(const NodeLayout&) const = default;
};

// Collective over `world`. Throws ExecutorError (launch) where nodes do not hold equally many
// consecutive ranks.
NodeLayout node_layout(Communicator& world, const at::Device& device);

// Of the nodes that each rank names, in the order of the ranks.
NodeLayout layout_of_names(const std::vector<std::int64_t>& node_of_rank);

// Of the device; of a CPU that of the whole machine.
Bytes total_memory(const at::Device& device);

// What this process holds of a CPU's memory, and what anybody holds of a GPU's.
Bytes held_memory(const at::Device& device);

}  // namespace galvatron
