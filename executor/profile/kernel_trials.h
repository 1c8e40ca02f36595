// How fast one rank computes while all ranks do: products, attention, elementwise kernels.
#pragma once

#include <c10/core/Device.h>

#include "cost_models/device.h"
#include "executor/profile/timing_of.h"

namespace galvatron {

struct KernelTrials {
  at::Device device = at::kCPU;
  RepetitionLimits limits{.budget = {0.1}, .least = 3, .most = 50};
};

// Products of 64 to 1024 in each dimension.
ProductTable time_products(const KernelTrials& trials, Precision precision);

// Shares of `peak` that our fused attention reaches, forward and backward.
AttentionLaw time_attention(const KernelTrials& trials, FlopsPerSecond peak);

// Bytes per second of an addition of arrays larger than any cache.
BytesPerSecond time_memory(const KernelTrials& trials);

// An addition of sixteen numbers: all of it is the start of a kernel.
Timing time_launch(const KernelTrials& trials);

}  // namespace galvatron
