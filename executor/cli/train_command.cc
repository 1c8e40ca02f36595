#include "executor/cli/train_command.h"

#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include "executor/communication/mpi_communicator.h"
#include "executor/launch/local_launch.h"
#include "executor/train/train.h"
#include "planner/plan/plan_yaml.h"

namespace galvatron {
namespace {

void note(const std::string& message) { fmt::print(stderr, "galvatron-exec: {}\n", message); }

BlockTable blocks_of(const Plan& plan) {
  try {
    return blocks_of(plan.model, plan.job.dropout ? Dropout::as_configured : Dropout::none);
  } catch (const std::invalid_argument& error) {
    throw ExecutorError(ExitCode::bad_input, error.what());
  }
}

void train_as_rank(const TrainArguments& arguments, const Environment& environment) {
  const int rank = mpi_world_rank();
  const int ranks = mpi_world_size();
  const std::optional<RankEnvironment> stated = read_rank_environment(environment);
  check_rank_environment(stated, rank, ranks);
  const TrainOptions options = train_options(arguments);
  const Plan plan =
      with_overrides(read_plan(arguments.plan), arguments, [rank](const std::string& change) {
        if (rank == 0) note(change);
      });
  if (rank == 0) {
    note(fmt::format("{} rank{} over MPI, started by {}", ranks, ranks == 1 ? "" : "s",
                     stated ? stated->launcher : "hand"));
  }
  Ledger ledger;
  const std::unique_ptr<Communicator> world =
      make_mpi_communicator({.first = 0, .size = ranks, .stride = 1}, ledger);
  train(*world, plan, blocks_of(plan), options);
}

}  // namespace

int launch_training(const TrainArguments& arguments, const std::vector<std::string>& command,
                    const Environment& environment) {
  train_options(arguments);  // refuses wrong arguments once, not once per rank
  const Plan plan = read_plan(arguments.plan);
  return launch_locally({.ranks = plan.devices, .command = command}, environment);
}

int run_rank(const TrainArguments& arguments, const Environment& environment) {
  const MpiSession session;
  try {
    // Ranks share the machine's cores; a plan's devices are what adds parallelism.
    at::set_num_threads(1);
    train_as_rank(arguments, environment);
  } catch (...) {
    const ExitCode code = report_current_error(
        {.form = output_form(arguments), .rank = mpi_world_rank(), .ranks = mpi_world_size()});
    std::fflush(nullptr);
    std::_Exit(static_cast<int>(code));
  }
  return static_cast<int>(ExitCode::success);
}

}  // namespace galvatron
