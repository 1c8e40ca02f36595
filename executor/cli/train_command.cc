#include "executor/cli/train_command.h"

#include <fmt/format.h>

#include <cstdio>
#include <stdexcept>

#include "executor/launch/local_launch.h"
#include "executor/train/rank_program.h"
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

void train_as_rank(Communicator& world, Whereabouts& here, const TrainArguments& arguments,
                   const RankSetup& setup) {
  const std::optional<RankEnvironment> stated = read_rank_environment(setup.environment);
  TrainOptions options = train_options(arguments);
  options.whereabouts = &here;
  options.ledger = setup.ledger;
  const Plan plan = with_overrides(read_plan(arguments.plan), arguments,
                                   [rank = world.rank()](const std::string& change) {
                                     if (rank == 0) note(change);
                                   });
  if (world.rank() == 0) {
    const bool on_cpu = options.device == DeviceKind::cpu;
    note(fmt::format("{} rank{} over {}, started by {}", world.size(), world.size() == 1 ? "" : "s",
                     !world.device().is_cpu() ? "NCCL"
                     : on_cpu                 ? "MPI"
                                              : "MPI, on CUDA devices",
                     stated ? stated->launcher : "hand"));
  }
  train(world, plan, blocks_of(plan), options);
}

}  // namespace

int launch_training(const TrainArguments& arguments, const std::vector<std::string>& command,
                    const Environment& environment) {
  train_options(arguments);  // refuses wrong arguments once, not once per rank
  const Plan plan = read_plan(arguments.plan);
  return launch_locally(
      {.ranks = plan.devices,
       .command = command,
       .peer_timeout = Seconds{arguments.peer_timeout},
       .on_stop = arguments.options.save.empty() ? LocalLaunch::OnStop::end_ranks
                                                 : LocalLaunch::OnStop::tell_ranks,
       .report =
           [&arguments](ExitCode code, const std::string& message) {
             report_error(code, message, output_form(arguments));
           }},
      environment);
}

int run_rank(const TrainArguments& arguments, const Environment& environment) {
  RankSetup setup{.form = output_form(arguments)};
  try {
    setup = rank_setup(arguments);
  } catch (...) {
    return static_cast<int>(report_current_error({.form = output_form(arguments)}));
  }
  setup.environment = environment;
  Ledger ledger;
  if (arguments.check_ledger) setup.ledger = &ledger;
  return run_as_rank(
      [&](Communicator& world, Whereabouts& here) { train_as_rank(world, here, arguments, setup); },
      setup);
}

}  // namespace galvatron
