// How long a collective takes, measured by all ranks together.
#pragma once

#include <c10/core/Device.h>

#include "cost_models/layer_collectives.h"
#include "cost_models/timing.h"
#include "executor/communication/communicator.h"
#include "executor/profile/repetitions.h"

namespace galvatron {

struct CollectiveTrial {
  CollectiveKind kind = CollectiveKind::all_reduce;  // a send: from even to odd ranks of the group
  Communicator& group;                               // one of those that cover the world
  Communicator& world;
  at::Device device = at::kCPU;
};

// Starts one call over buffers of this payload, ready to be repeated. What has to be waited for
// comes back: a send or receive may be under way, any other collective is done or on the current
// stream.
std::function<Request()> collective_call(const CollectiveTrial& trial, Bytes payload);

// Each repetition begins behind a barrier and lasts until the slowest rank has ended; the same on
// all ranks. Collective over the world.
Timing time_collective(const CollectiveTrial& trial, Bytes payload, const RepetitionLimits& limits);

}  // namespace galvatron
