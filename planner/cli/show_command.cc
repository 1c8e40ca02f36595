#include <fmt/format.h>

#include <memory>
#include <optional>

#include "planner/cli/command.h"
#include "planner/cli/plan_json.h"
#include "planner/cli/plan_text.h"
#include "planner/cli/program_json.h"
#include "planner/cli/program_text.h"
#include "planner/files/atomic_write.h"
#include "planner/plan/plan_yaml.h"
#include "planner/plan/runtime_space.h"
#include "planner/schedule/price.h"
#include "planner/schedule/program.h"
#include "planner/schedule/trace.h"

namespace galvatron {
namespace {

struct ShowArguments {
  std::string plan;
  std::optional<int> rank;
  std::string trace;
};

// Of the step as it is simulated.
void write_trace(const Plan& plan, const LayerGraph& graph, const std::string& path) {
  if (!plan.inputs || plan.inputs->hardware.published) {
    throw UsageError(
        "--trace needs a plan with its inputs, made with a hardware profile that has "
        "links: only such a step is simulated");
  }
  write_atomically(path, chrome_trace(plan, graph, simulate(plan, graph).timeline, "predicted"));
}

void print_program(const Plan& plan, const LayerGraph& graph, const ShowArguments& arguments,
                   OutputForm form) {
  const int rank = *arguments.rank;
  if (rank < 0 || rank >= plan.devices) {
    throw UsageError(fmt::format("--rank must be from 0 to {}, got {}", plan.devices - 1, rank));
  }
  const RankProgram program = build_rank_program(plan, graph, rank);
  if (form == OutputForm::json) {
    fmt::print("{}\n", program_json(program).dump(2));
  } else {
    fmt::print("{}", program_text(program, graph));
  }
}

ExitCode run_show(const ShowArguments& arguments, const Session& session) {
  const Plan plan = read_plan(arguments.plan);
  const LayerGraph graph = build_layer_graph(plan.model);
  if (arguments.rank) require_rank_program(plan, arguments.plan, "show --rank");
  if (!arguments.trace.empty()) require_rank_program(plan, arguments.plan, "show --trace");
  if (!arguments.trace.empty()) write_trace(plan, graph, arguments.trace);
  if (arguments.rank) {
    print_program(plan, graph, arguments, session.form);
  } else if (session.form == OutputForm::json) {
    fmt::print("{}\n", plan_json(plan).dump(2));
  } else {
    fmt::print("{}", plan_text(plan, graph, session.terminal));
  }
  return ExitCode::ok;
}

}  // namespace

Command add_show_command(CLI::App& app) {
  CLI::App& command = add_subcommand(
      app, {"show", "Print a plan: stages, strategies, memory and time, or one rank's program.",
            "galvatron show plan.yaml --rank 0"});
  const auto arguments = std::make_shared<ShowArguments>();
  command.add_option("plan", arguments->plan, "plan file")->required();
  command.add_option("--rank", arguments->rank, "print what this rank does in one step");
  command.add_option("--trace", arguments->trace,
                     "write the simulated step as a Chrome trace, for ui.perfetto.dev");
  return {&command, [arguments](const Session& session) { return run_show(*arguments, session); }};
}

}  // namespace galvatron
