// NCCL as the transport: it works on the current CUDA device.
//
// Calls are put on the current stream. Initialization does not block inside NCCL, so that a peer
// that never comes does not keep this process from being ended. Sums of bf16 are rounded at every
// hop.
#pragma once

#include <memory>

#include "executor/communication/communicator.h"
#include "executor/communication/rendezvous.h"
#include "executor/watch/watched_communicators.h"

namespace galvatron {

// Whether the program was built with NCCL.
bool has_nccl();

// Who looks on, of those that are not null; they outlive all communicators.
struct Onlookers {
  Ledger* ledger = nullptr;
  WatchedCommunicators* watched = nullptr;  // told when a communicator fails between two calls
};

// A root communicator over all ranks. Collective over them.
// Throws CommunicationError, also where the program was built without NCCL.
std::unique_ptr<Communicator> make_nccl_communicator(const Rendezvous& ranks, at::Device device,
                                                     const Onlookers& onlookers = {});

}  // namespace galvatron
