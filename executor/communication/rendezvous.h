// How the ranks of a run first find each other: each has a number, and what rank 0 says all hear.
#pragma once

#include <functional>
#include <string>

#include "executor/launch/store_address.h"

namespace galvatron {

struct Rendezvous {
  int rank = 0;
  int size = 1;
  // Rank 0's text on every rank. Collective.
  std::function<std::string(std::string)> broadcast = [](std::string text) { return text; };
};

// Over a store at an address that all ranks know, as torchrun and PyTorch's programs do.
// Throws ExecutorError (launch) if the store cannot be reached; so does the broadcast if rank 0
// dies or is silent for a minute.
Rendezvous rendezvous_over_store(const StoreAddress& address, int rank, int size);

}  // namespace galvatron
