// The transient of a layer: the largest moment of its passes, with what lives throughout the pass.
// That is under ZeRO 3 the layer's own parameters and what is gathered ahead meanwhile; in backward
// the whole flat gradient that ZeRO 2 and 3 reduce at its end, and at that end what the reduction
// makes, its rank's share. ZeRO 1 reduces, and needs that room, behind the last micro-batch only.
#pragma once

#include <vector>

#include "cost_models/memory.h"

namespace galvatron {

// The most that it may be: as large as the layer itself (gather_ahead.h).
GatheredAhead most_gathered_ahead(const Layer& layer, const std::vector<ParameterUnit>& units,
                                  const LayerPlacement& placement);

// Requires a placement without laws. `parts`: those of the layer under this placement.
MomentBytes layer_transient(const LayerMemoryParts& parts, const LayerPlacement& placement,
                            const GatheredAhead& ahead);

// While ZeRO 1 reduces, beside the saved tensors of the layers before; nothing for the others.
Bytes layer_ending(const LayerMemoryParts& parts, const LayerPlacement& placement);

}  // namespace galvatron
