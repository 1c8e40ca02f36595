// The memory of systems whose tensors no table of ours lists: laws fitted to published peaks.
//
// A device is fullest either at the loss, where logits and their gradient live, or at the first
// layer of backward, where workspaces of weight gradients, what recomputation brings back and the
// gradients of the head do. The constants are a runtime's (MemoryLaws).
#pragma once

#include <cstdint>
#include <vector>

#include "cost_models/memory.h"

namespace galvatron {

// What a block keeps where all light kernels and every second product run again: the inputs of both
// of its halves, what the products that do not run again have made, and the attention's output.
std::vector<SavedTensor> kept_by_op(const Layer& layer);

// The rows of the layer's table, those kept that the system's selective recomputation does not
// drop, and what it keeps besides. Requires placement.laws.
std::vector<SavedTensor> saved_by_laws(const Layer& layer, const LayerPlacement& placement);

// What a device holds of the layer: elements of its flat buffers, and what recomputation drops.
struct HeldByLayer {
  std::int64_t parameters = 0;
  Bytes dropped{};
};

struct ModelledMemory {
  Bytes gathered{};   // parameters held whole throughout
  Bytes gradients{};  // beside the flat buffers; of a head what is left when backward leaves it
  Bytes transient{};

  bool operator==(const ModelledMemory&) const = default;
};

// Requires placement.laws.
ModelledMemory modelled_memory(const Layer& layer, const LayerPlacement& placement,
                               const HeldByLayer& held);

// As large as its output, that a stage holds for passing it on.
std::int64_t transfer_buffers(const MemoryLaws& laws, std::int64_t micro_batches);

}  // namespace galvatron
