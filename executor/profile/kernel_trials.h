// How fast one rank computes while all ranks do: products, attention, elementwise kernels.
#pragma once

#include <c10/core/Device.h>

#include "cost_models/device.h"
#include "cost_models/timing.h"
#include "executor/profile/repetitions.h"
#include "executor/profile/trial_sizes.h"

namespace galvatron {

struct KernelTrials {
  at::Device device = at::kCPU;
  TrialSizes sizes = trial_sizes(DeviceKind::cpu);
  RepetitionLimits limits{.budget = {0.1}, .least = 3, .most = 50};
};

// Products of all sizes in each dimension. Requires a precision of tensor_type.
ProductTable time_products(const KernelTrials& trials, Precision precision);

// Shares of the peak rate of a precision that our fused attention reaches, forward and backward.
AttentionLaw time_attention(const KernelTrials& trials, Precision precision, FlopsPerSecond peak);

// Bytes per second of an addition of arrays larger than any cache.
BytesPerSecond time_memory(const KernelTrials& trials);

// An addition of sixteen numbers, one of many: all of it is the start of a kernel, on the device
// and on the host. A CPU starts nothing that it does not do itself: both are the same there.
struct LaunchTimes {
  Timing device;
  Timing host;
};
LaunchTimes time_launch(const KernelTrials& trials);

}  // namespace galvatron
