#include <fmt/format.h>

#include "executor/communication/nccl_communicator.h"

namespace galvatron {

std::unique_ptr<Communicator> make_nccl_communicator(const NcclRendezvous& rendezvous, Ledger&) {
  throw CommunicationError(
      fmt::format("rank {} of {}: built without NCCL; use --transport mpi --device cpu",
                  rendezvous.rank, rendezvous.size));
}

}  // namespace galvatron
