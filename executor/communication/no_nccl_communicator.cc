#include <fmt/format.h>

#include "executor/communication/nccl_communicator.h"

namespace galvatron {

bool has_nccl() { return false; }

std::unique_ptr<Communicator> make_nccl_communicator(const Rendezvous& ranks, at::Device) {
  throw CommunicationError(fmt::format("rank {} of {}: built without NCCL; use --transport mpi",
                                       ranks.rank, ranks.size));
}

std::unique_ptr<Communicator> make_nccl_communicator(const Rendezvous& ranks, at::Device device,
                                                     Ledger&) {
  return make_nccl_communicator(ranks, device);
}

}  // namespace galvatron
