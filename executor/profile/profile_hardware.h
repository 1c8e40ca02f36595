// Measures a cluster: what every rank computes, and what collectives over every kind of group take.
//
// All ranks measure together, because that is how they train. What is finished is kept in a file
// beside the output, so that an interrupted measurement goes on where it stopped.
#pragma once

#include <c10/core/Device.h>

#include <functional>
#include <string>
#include <vector>

#include "cost_models/hardware.h"
#include "executor/communication/communicator.h"
#include "executor/profile/repetitions.h"

namespace galvatron {

struct HardwareProfileRequest {
  std::string name;
  std::vector<Bytes> payloads;  // ascending
  std::vector<Precision> precisions = {Precision::fp32};
  RepetitionLimits limits{.budget = {0.3}, .least = 3, .most = 50};  // of a collective and size
  Seconds longest{0.25};  // beyond it a series takes no larger sizes
  at::Device device = at::kCPU;
  std::string origin;
  std::string partial;  // file for what is finished
};

struct HardwareProfileControl {
  std::function<void()> moved;  // on every rank, whenever it has got further
  // On rank 0 only.
  std::function<void(std::int64_t done, std::int64_t all, Seconds last)> progress;
  std::function<void(const std::string& warning)> warn;
};

// The same on all ranks. Collective over `world`. Rank 0 removes the partial file at the end.
// Throws ExecutorError (launch) where nodes do not hold equally many ranks.
Hardware profile_hardware(Communicator& world, const HardwareProfileRequest& request,
                          const HardwareProfileControl& control);

}  // namespace galvatron
