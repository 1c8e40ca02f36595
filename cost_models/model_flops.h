// The arithmetic that a model asks for, whatever the strategy: what utilization is measured by.
#pragma once

#include <cstdint>

#include "cost_models/layer.h"
#include "cost_models/units.h"

namespace galvatron {

// Of one forward pass over `samples`: 2 per weight of a product and token, 4 per pair of query and
// key and element of a head, of which a causal attention has half. Nothing for recomputation.
Flops forward_flops(const Layer& layer, std::int64_t samples);

// A backward pass does twice as much.
inline Flops training_flops(const Layer& layer, std::int64_t samples) {
  return 3 * forward_flops(layer, samples);
}

}  // namespace galvatron
