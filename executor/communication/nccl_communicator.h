// NCCL as the transport: CUDA tensors.
#pragma once

#include <memory>
#include <string>

#include "executor/communication/communicator.h"

namespace galvatron {

// Where this process stands, from its launcher's variables.
struct NcclRendezvous {
  int rank = 0;
  int size = 1;
  int device = 0;
  std::string store_host;
  int store_port = 0;
};

// A root communicator over all ranks. Throws CommunicationError where the program was built without
// NCCL.
std::unique_ptr<Communicator> make_nccl_communicator(const NcclRendezvous& rendezvous,
                                                     Ledger& ledger);

}  // namespace galvatron
