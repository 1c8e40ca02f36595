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
  std::optional<int> local_rank = {};  // among the ranks of this node; not every launcher says

  bool operator==(const RankEnvironment&) const = default;
};

// The value of an environment variable, or nothing. A parameter, so that only main reads the
// environment.
using Environment = std::function<std::optional<std::string>(const std::string&)>;

// Nothing where no launcher left its variables: a program started by hand is rank 0 of 1.
//
// Slurm's variables count only where no other launcher speaks: inside an allocation they describe
// the daemon that mpirun or torchrun was started by.
// Throws ExecutorError (launch) where two launchers contradict each other, a variable is no number
// or the rank is not below the number of ranks.
std::optional<RankEnvironment> read_rank_environment(const Environment& environment);

// Before this process starts ranks. Throws ExecutorError (launch) if it is a rank itself, each of
// which would start all of them again. Slurm's variables do not say so: a batch script has them
// too.
void check_no_rank(const Environment& environment);

// Whether MPI finds the other ranks by itself. Slurm may have been told to prepare it or not.
bool is_joined_by_mpi(const RankEnvironment& stated);

// Before MPI is asked. Throws ExecutorError (launch) if the launcher starts processes that MPI
// cannot join: torchrun does.
void check_launcher_of_mpi(const std::optional<RankEnvironment>& stated);

// Throws ExecutorError (launch) unless the ranks that MPI sees are the launcher's: srun without
// --mpi, for instance, starts processes that MPI takes for single ones.
void check_rank_environment(const std::optional<RankEnvironment>& stated, int mpi_rank,
                            int mpi_ranks);

}  // namespace galvatron
