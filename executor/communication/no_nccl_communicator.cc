#include <fmt/format.h>

#include "executor/communication/nccl_communicator.h"

namespace galvatron {

bool has_nccl() { return false; }

std::unique_ptr<Communicator> make_nccl_communicator(const Rendezvous& ranks, at::Device,
                                                     const Onlookers&) {
  throw CommunicationError(fmt::format("rank {} of {}: built without NCCL; use --transport mpi",
                                       ranks.rank, ranks.size));
}

}  // namespace galvatron
