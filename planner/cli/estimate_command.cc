#include <fmt/format.h>

#include <memory>
#include <stdexcept>

#include "planner/cli/arguments.h"
#include "planner/cli/command.h"
#include "planner/cli/plan_json.h"
#include "planner/cli/plan_text.h"
#include "planner/cli/validators.h"
#include "planner/files/atomic_write.h"
#include "planner/plan/global_strategy.h"
#include "planner/plan/plan_yaml.h"
#include "planner/plan/runtime_space.h"
#include "planner/plan/structure.h"
#include "planner/schedule/price.h"
#include "planner/schedule/profile_gaps.h"

namespace galvatron {
namespace {

struct EstimateArguments {
  InputArguments inputs{.precisions = InputArguments::Precisions::priced};
  std::string strategy;
  std::int64_t micro_batch = 1;
  std::string output;
};

// Throws UsageError where the strategy cannot be read or cannot be executed.
Plan unpriced_plan(const EstimateArguments& arguments, const PlanningInputs& inputs,
                   const LayerGraph& graph) {
  const GlobalJob job{.model = inputs.model,
                      .job = inputs.job,
                      .devices = device_count(inputs.inputs.hardware),
                      .micro_batch = arguments.micro_batch,
                      .stages = laws_of(inputs.inputs.runtime).stages};
  try {
    Plan plan = global_plan(job, parse_global_strategy(arguments.strategy), graph);
    plan.inputs = inputs.inputs;
    std::vector<StructureProblem> problems = check_structure(plan, graph);
    if (problems.empty()) problems = check_runtime_space(plan, graph);
    if (!problems.empty()) throw std::invalid_argument(to_text(problems.front()));
    return plan;
  } catch (const std::invalid_argument& error) {
    throw UsageError(std::string("--strategy: ") + error.what());
  }
}

ExitCode run_estimate(const EstimateArguments& arguments, const Session& session) {
  const PlanningInputs inputs = read_inputs(arguments.inputs);
  for (const std::string& warning : inputs.warnings) fmt::print(stderr, "{}\n", warning);
  if (inputs.global_batches.size() != 1) {
    throw UsageError("--global-batch must be one number for estimate");
  }
  if (inputs.inputs.hardware.published) {
    throw UsageError(fmt::format("{} is a published profile: it prices the plans of its own space "
                                 "only",
                                 inputs.inputs.hardware.name),
                     "find them with galvatron plan");
  }
  const LayerGraph graph = build_layer_graph(inputs.model);
  Plan plan = unpriced_plan(arguments, inputs, graph);
  plan.predicted = price(plan, graph);
  if (!arguments.output.empty()) write_atomically(arguments.output, plan_yaml(plan));
  if (session.form == OutputForm::json) {
    fmt::print("{}\n", plan_json(plan).dump(2));
  } else {
    fmt::print("{}", plan_text(plan, graph, session.terminal));
  }
  for (const std::string& gap : profile_gaps(plan, graph)) {
    fmt::print(stderr, "warning: {}\n", gap);
  }
  return ExitCode::ok;
}

}  // namespace

Command add_estimate_command(CLI::App& app) {
  CLI::App& command = add_subcommand(
      app, {"estimate",
            "Price one strategy for all layers, whether it fits or not. Priced only, and\nnot "
            "trained by galvatron-exec: virtual_stages, context, shard_group, recompute=op,\n"
            "precision fp16 and fp8.",
            "galvatron estimate --model config.json --hardware a100_80gb_sxm --global-batch 512 "
            "--strategy pipeline=2,tensor=4,zero=1 --micro-batch 1"});
  const auto arguments = std::make_shared<EstimateArguments>();
  add_input_options(command, arguments->inputs);
  command
      .add_option("--strategy", arguments->strategy,
                  fmt::format("AXIS=VALUE,... of {}", fmt::join(global_axis_names(), ", ")))
      ->required();
  command.add_option("--micro-batch", arguments->micro_batch, "samples per data rank")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 40))
      ->capture_default_str();
  command.add_option("-o,--output", arguments->output, "save it as a plan")->check(writable_file());
  return {&command,
          [arguments](const Session& session) { return run_estimate(*arguments, session); }};
}

}  // namespace galvatron
