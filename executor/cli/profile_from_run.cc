#include "executor/cli/profile_from_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "cost_models/timing_of.h"
#include "executor/profile/provenance.h"
#include "executor/profile/refit_overhead.h"
#include "executor/profile/repetitions.h"
#include "executor/train/failure.h"
#include "planner/files/atomic_write.h"
#include "planner/files/run_log.h"
#include "planner/plan/hardware_yaml.h"
#include "planner/plan/plan_yaml.h"
#include "planner/plan/runtime_space.h"

namespace galvatron {
namespace {

constexpr std::size_t kWarmUpSteps = 2;

Seconds step_of(const RunLog& log) {
  const std::size_t first = log.steps.size() > 2 * kWarmUpSteps ? kWarmUpSteps : 0;
  return timing_of({log.steps.begin() + static_cast<std::ptrdiff_t>(first), log.steps.end()})
      .median;
}

void refit(const ProfileFromRunArguments& arguments) {
  if (arguments.plan.empty() || arguments.output.empty()) {
    throw ExecutorError(ExitCode::usage, "--from-run needs --plan PLAN and -o FILE");
  }
  const Plan plan = read_plan(arguments.plan);
  if (!plan.inputs) {
    throw ExecutorError(ExitCode::bad_input,
                        fmt::format("{} holds no inputs to refit", arguments.plan));
  }
  require_rank_program(plan, arguments.plan, "profile --from-run");
  const Seconds measured = step_of(read_run_log(arguments.log));
  const Refit found =
      refit_overhead(plan, measured, measured_by("galvatron-exec profile --from-run"));
  YamlWriter out;
  write_hardware(out, found.hardware);
  write_atomically(arguments.output, out.text());
  fmt::print("a step takes {:.4g} s, predicted {:.4g} s, now {:.4g} s: host_us_per_step {:.4g}\n",
             measured.value, plan.predicted.step.value, found.predicted.value,
             1e6 * found.hardware.device.overhead.host_per_step->value);
}

}  // namespace

void add_profile_from_run_options(CLI::App& command, ProfileFromRunArguments& arguments) {
  command.add_option("--from-run", arguments.log,
                     "a training log: refits the host's time per step of the plan's hardware "
                     "profile");
  command.add_option("--plan", arguments.plan, "the plan of that run");
  command.add_option("-o,--output", arguments.output, "the hardware profile");
}

int run_profile_from_run(const ProfileFromRunArguments& arguments) {
  try {
    refit(arguments);
  } catch (...) {
    return static_cast<int>(report_current_error({}));
  }
  return static_cast<int>(ExitCode::success);
}

}  // namespace galvatron
