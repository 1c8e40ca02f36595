// How much a collective and a matrix product slow each other down.
#pragma once

#include "cost_models/overlap.h"
#include "executor/profile/collective_trial.h"

namespace galvatron {

// The collective is started on a lane, as in a step, then products that last twice, and half, as
// long as it. A transport that blocks has ended before the first product begins: nothing overlaps,
// and both slowdowns are 2. The same on all ranks. Collective over the world.
Slowdowns measured_overlap(const CollectiveTrial& trial, Precision products);

}  // namespace galvatron
