// MPI as the transport: it works on the CPU, and its collectives block.
//
// Sums and maxima run in fp32, fp64 and int64; bf16 goes through fp32 and is rounded once. A buffer
// of more than 2^31 - 1 elements is refused (MPI counts are int).
#pragma once

#include <memory>
#include <string>

#include "executor/communication/communicator.h"

namespace galvatron {

// Owns MPI_Init and MPI_Finalize. One per process, made first and destroyed last.
class MpiSession {
 public:
  MpiSession();
  ~MpiSession();
  MpiSession(const MpiSession&) = delete;
  MpiSession& operator=(const MpiSession&) = delete;
};

// The ranks that mpirun started.
int mpi_world_size();
int mpi_world_rank();

// Rank 0's text on every rank. Collective over MPI_COMM_WORLD. Throws CommunicationError.
std::string mpi_broadcast(std::string text);

// A root communicator over `members` of MPI_COMM_WORLD; it counts its ranks from 0, also in the
// ledger, so that one mpirun can hold several worlds. Collective over MPI_COMM_WORLD; null on a
// rank that is no member.
std::unique_ptr<Communicator> make_mpi_communicator(const RankGroup& members, Ledger& ledger);

// The same without a ledger, which would grow with every step of a long run.
std::unique_ptr<Communicator> make_mpi_communicator(const RankGroup& members);

}  // namespace galvatron
