// The transient of a layer: the larger of its passes' largest moments, with what lives throughout
// the pass. That is under ZeRO 3 the layer's own parameters and what is gathered ahead meanwhile;
// in backward the whole flat gradient that ZeRO 2 and 3 reduce at its end.
#pragma once

#include <vector>

#include "cost_models/memory.h"

namespace galvatron {

// What is gathered ahead while a layer computes, by pass.
struct GatheredAhead {
  Bytes forward{};
  Bytes backward{};
};

// The most that it may be: as large as the layer itself (gather_ahead.h).
GatheredAhead most_gathered_ahead(const Layer& layer, const std::vector<ParameterUnit>& units,
                                  const LayerPlacement& placement);

// Requires a placement without laws. `parts`: those of the layer under this placement.
MomentBytes layer_transient(const LayerMemoryParts& parts, const LayerPlacement& placement,
                            const GatheredAhead& ahead);

MomentBytes layer_transient(const Layer& layer, const LayerPlacement& placement,
                            const GatheredAhead& ahead);

}  // namespace galvatron
