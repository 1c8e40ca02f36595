// Rank and number of ranks as the program that started this process states them.
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace galvatron {

struct RankEnvironment {
  std::string launcher;  // "Open MPI", "torchrun", "PMI" or "Slurm"
  int rank = 0;
  int ranks = 1;

  bool operator==(const RankEnvironment&) const = default;
};

// The value of an environment variable, or nothing. A parameter, so that only main reads the
// environment.
using Environment = std::function<std::optional<std::string>(const std::string&)>;

// Nothing where no launcher left its variables: a program started by hand is rank 0 of 1.
//
// Slurm's variables count only where no other launcher speaks: inside an allocation they describe
// the daemon that mpirun or torchrun was started by.
// Throws ExecutorError (launch) where two launchers contradict each other or a variable is no
// number.
std::optional<RankEnvironment> read_rank_environment(const Environment& environment);

// Throws ExecutorError (launch) unless the ranks that MPI sees are the launcher's: torchrun, for
// instance, starts processes that MPI cannot connect.
void check_rank_environment(const std::optional<RankEnvironment>& stated, int mpi_rank,
                            int mpi_ranks);

}  // namespace galvatron
