#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <utility>

#include "planner/cli/arguments.h"
#include "planner/cli/command.h"
#include "planner/cli/exit_code.h"
#include "planner/cli/infeasible.h"
#include "planner/cli/interrupt.h"
#include "planner/cli/plan_json.h"
#include "planner/cli/plan_text.h"
#include "planner/cli/progress.h"
#include "planner/cli/published_command.h"
#include "planner/cli/quantity_text.h"
#include "planner/cli/search_arguments.h"
#include "planner/files/atomic_write.h"
#include "planner/plan/plan_yaml.h"
#include "planner/review/prove.h"
#include "planner/schedule/profile_gaps.h"
#include "planner/search/plan_search.h"

namespace galvatron {
namespace {

struct PlanArguments {
  InputArguments inputs;
  SearchArguments search;
  std::string output;
};

Json outcome_json(const SearchOutcome& outcome) {
  Json json = plan_json(*outcome.plan);
  const SearchStatistics& statistics = outcome.statistics;
  json["search_seconds"] = outcome.elapsed.value;
  json["search"] = {{"pairs", statistics.pairs},
                    {"strategies", statistics.strategies},
                    {"labels", statistics.labels},
                    {"bounds", statistics.bounds},
                    {"pruned", statistics.pruned}};
  return json;
}

void print_outcome(const SearchOutcome& outcome, const Session& session) {
  if (session.form == OutputForm::json) {
    fmt::print("{}\n", outcome_json(outcome).dump(2));
    return;
  }
  const LayerGraph graph = build_layer_graph(outcome.plan->model);
  fmt::print("{}searched {} pairs of stages and micro-batches in {}\n",
             plan_text(*outcome.plan, graph, session.terminal), outcome.statistics.pairs,
             seconds_text(outcome.elapsed));
}

void warn_of_gaps(const Plan& plan) {
  for (const std::string& gap : profile_gaps(plan, build_layer_graph(plan.model))) {
    fmt::print(stderr, "warning: {}\n", gap);
  }
}

ExitCode report_nothing_found(const SearchOutcome& outcome, const SearchRequest& request,
                              const SearchControl& control, OutputForm form) {
  if (outcome.end != SearchEnd::finished) {
    report(ErrorReport{"no_plan", "stopped before any plan was found", ""}, form);
    return exit_code_of(outcome.end);
  }
  RelaxationControl rest{control.time_limit, control.interrupted};
  if (rest.time_limit) rest.time_limit = std::max(Seconds{0}, *rest.time_limit - outcome.elapsed);
  report(Infeasible{request, outcome.shortfalls, find_relaxations(request, rest)}, form);
  return ExitCode::infeasible;
}

// With the proof of its bound, which only the file holds.
void write_plan(Plan plan, const std::vector<std::int64_t>& global_batches,
                const std::string& path) {
  plan.proof = prove(plan, global_batches, interrupted);
  write_atomically(path, plan_yaml(plan));
}

ExitCode run_plan(const PlanArguments& arguments, const Session& session) {
  if (!arguments.output.empty()) check_writable(arguments.output);
  PlanningInputs inputs = read_inputs(arguments.inputs);
  for (const std::string& warning : inputs.warnings) fmt::print(stderr, "{}\n", warning);
  if (inputs.inputs.hardware.published) {
    return plan_published({arguments.inputs, arguments.search, arguments.output}, std::move(inputs),
                          session);
  }
  inputs.inputs.search = search_options(arguments.search, inputs.inputs.runtime);
  const SearchRequest request{.model = inputs.model,
                              .job = inputs.job,
                              .global_batches = inputs.global_batches,
                              .inputs = inputs.inputs};
  watch_interrupt();
  ProgressLine progress(session.terminal);
  const SearchControl control{.threads = arguments.search.threads,
                              .time_limit = time_limit(arguments.search),
                              .interrupted = interrupted,
                              .progress = [&](const SearchProgress& now) { progress.show(now); }};
  const SearchOutcome outcome = search_plan(request, control);
  progress.clear();
  if (!outcome.plan) return report_nothing_found(outcome, request, control, session.form);
  if (!arguments.output.empty()) {
    write_plan(*outcome.plan, request.global_batches, arguments.output);
  }
  print_outcome(outcome, session);
  warn_of_gaps(*outcome.plan);
  return exit_code_of(outcome.end);
}

}  // namespace

Command add_plan_command(CLI::App& app) {
  CLI::App& command = add_subcommand(
      app, {"plan",
            "Find the plan of highest throughput that fits in memory. What is priced\n"
            "only (see estimate) it never chooses.",
            "galvatron plan --model config.json --hardware a100_80gb_sxm --nodes 4 "
            "--global-batch 512 -o plan.yaml"});
  const auto arguments = std::make_shared<PlanArguments>();
  add_input_options(command, arguments->inputs);
  add_search_options(command, arguments->search);
  command.add_option("-o,--output", arguments->output, "write the plan to this file");
  return {&command, [arguments](const Session& session) { return run_plan(*arguments, session); }};
}

}  // namespace galvatron
