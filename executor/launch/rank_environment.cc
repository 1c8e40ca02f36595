#include "executor/launch/rank_environment.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "executor/launch/exit_code.h"

namespace galvatron {
namespace {

struct Launcher {
  const char* name;
  const char* rank;
  const char* ranks;
  const char* local_rank;
};

constexpr const char* kTorchrun = "torchrun";

constexpr std::array<Launcher, 3> kLaunchers{{
    {"Open MPI", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_RANK"},
    {kTorchrun, "RANK", "WORLD_SIZE", "LOCAL_RANK"},
    {"PMI", "PMI_RANK", "PMI_SIZE", "MPI_LOCALRANKID"},
}};
constexpr Launcher kSlurm{"Slurm", "SLURM_PROCID", "SLURM_NTASKS", "SLURM_LOCALID"};

int parse_number(const char* name, const std::string& text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0) {
    throw ExecutorError(
        ExitCode::launch,
        fmt::format("environment variable {} must be a number, got \"{}\"", name, text));
  }
  return value;
}

std::optional<RankEnvironment> read(const Launcher& launcher, const Environment& environment) {
  const std::optional<std::string> rank = environment(launcher.rank);
  const std::optional<std::string> ranks = environment(launcher.ranks);
  if (!rank || !ranks) return std::nullopt;
  RankEnvironment stated{.launcher = launcher.name,
                         .rank = parse_number(launcher.rank, *rank),
                         .ranks = parse_number(launcher.ranks, *ranks)};
  if (const std::optional<std::string> local = environment(launcher.local_rank)) {
    stated.local_rank = parse_number(launcher.local_rank, *local);
  }
  if (stated.rank >= stated.ranks) {
    throw ExecutorError(ExitCode::launch,
                        fmt::format("environment variable {} must be below {} ({}), got {}",
                                    launcher.rank, launcher.ranks, stated.ranks, stated.rank));
  }
  return stated;
}

}  // namespace

std::optional<RankEnvironment> read_rank_environment(const Environment& environment) {
  std::optional<RankEnvironment> found;
  for (const Launcher& launcher : kLaunchers) {
    const std::optional<RankEnvironment> stated = read(launcher, environment);
    if (!stated) continue;
    if (found && (found->rank != stated->rank || found->ranks != stated->ranks)) {
      throw ExecutorError(
          ExitCode::launch,
          fmt::format("launchers contradict each other: {} says rank {} of {}, {} says rank {} of "
                      "{}; unset the variables of one of them",
                      found->launcher, found->rank, found->ranks, stated->launcher, stated->rank,
                      stated->ranks));
    }
    if (!found) found = stated;
  }
  return found ? found : read(kSlurm, environment);
}

void check_no_rank(const Environment& environment) {
  const std::optional<RankEnvironment> stated = read_rank_environment(environment);
  if (!stated || stated->launcher == kSlurm.name) return;
  throw ExecutorError(
      ExitCode::launch,
      fmt::format("--local starts the ranks itself, and {} has started this process as rank {} of "
                  "{}: leave --local out, or unset {}'s variables",
                  stated->launcher, stated->rank, stated->ranks, stated->launcher));
}

bool is_joined_by_mpi(const RankEnvironment& stated) {
  return stated.launcher != kTorchrun && stated.launcher != kSlurm.name;
}

void check_launcher_of_mpi(const std::optional<RankEnvironment>& stated) {
  if (!stated || stated->launcher != kTorchrun || stated->ranks == 1) return;
  throw ExecutorError(
      ExitCode::launch,
      fmt::format(
          "torchrun started {} processes, which MPI cannot join: over --transport mpi start them "
          "with --local, mpirun -n {} or srun --mpi=pmix",
          stated->ranks, stated->ranks));
}

void check_rank_environment(const std::optional<RankEnvironment>& stated, int mpi_rank,
                            int mpi_ranks) {
  if (!stated || (stated->rank == mpi_rank && stated->ranks == mpi_ranks)) return;
  throw ExecutorError(
      ExitCode::launch,
      fmt::format("{} says this is rank {} of {}, but MPI sees rank {} of {}: start the program "
                  "with mpirun, srun --mpi=pmix or --local",
                  stated->launcher, stated->rank, stated->ranks, mpi_rank, mpi_ranks));
}

}  // namespace galvatron
