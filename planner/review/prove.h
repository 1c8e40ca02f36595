// The proof of a plan's lower bound, in prices.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "planner/plan/plan.h"

namespace galvatron {

// Looks for prices that prove the certificate's lower bound for every pair of every global batch
// that was searched. Where they prove less, the proof says how much. Ends early once `stop` (which
// may be empty) is true, and then proves less. The same plan gives the same proof, unless stopped.
//
// Requires a certificate and inputs that were searched.
Proof prove(const Plan& plan, const std::vector<std::int64_t>& global_batches,
            const std::function<bool()>& stop);

// A bound on the step time of the plan as one on that of another global batch: as many samples per
// second. In picoseconds, less the share by which costs in whole picoseconds per layer may differ
// from those in floating point.
std::int64_t bound_at(Seconds bound, const Plan& plan, std::int64_t global_batch);

// And back, without that share.
Seconds bound_from(std::int64_t picoseconds, std::int64_t global_batch, const Plan& plan);

}  // namespace galvatron
