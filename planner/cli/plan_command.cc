#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <optional>
#include <utility>

#include "planner/cli/arguments.h"
#include "planner/cli/command.h"
#include "planner/cli/interrupt.h"
#include "planner/cli/plan_json.h"
#include "planner/cli/plan_text.h"
#include "planner/cli/progress.h"
#include "planner/cli/published_command.h"
#include "planner/cli/quantity_text.h"
#include "planner/files/atomic_write.h"
#include "planner/files/quantity.h"
#include "planner/plan/plan_yaml.h"
#include "planner/review/prove.h"
#include "planner/search/plan_search.h"
#include "planner/search/space.h"

namespace galvatron {
namespace {

struct PlanArguments {
  InputArguments inputs;
  std::vector<std::string> only;
  std::optional<double> gap{};
  std::string time_limit;
  int threads = 1;
  std::string output;
};

// Throws UsageError for an axis or a value that `--only` does not know, and for a runtime whose
// stages must be equal.
SearchOptions search_options(const PlanArguments& arguments, const Runtime& runtime) {
  if (!runtime.space.uneven_stages) {
    throw UsageError(fmt::format("runtime {} has stages of equal size only (uneven_stages: false), "
                                 "but the search chooses their boundaries",
                                 runtime.name),
                     "price a plan of equal stages with galvatron estimate");
  }
  SearchOptions options{.only = {}, .gap = arguments.gap.value_or(SearchOptions{}.gap)};
  for (const std::string& text : arguments.only) options.only.push_back(parse_restriction(text));
  const SpaceReading reading = read_space(options.only, runtime);
  if (!reading.problems.empty()) {
    throw UsageError("--only: " + reading.problems.front().message, reading.problems.front().hint);
  }
  return options;
}

std::optional<Seconds> time_limit(const std::string& text) {
  if (text.empty()) return std::nullopt;
  const std::optional<Seconds> limit = parse_seconds(text);
  if (!limit) throw UsageError("--time-limit must be a time like 30s or 2min, got " + text);
  return limit;
}

std::string shortfall_text(const Shortfall& shortfall) {
  return fmt::format("  pipeline {}: {} needs at least {} ({} of micro-batches, most of it {})",
                     shortfall.pipeline, fmt::format("stage {}", shortfall.stage),
                     bytes_text(shortfall.least), shortfall.micro_batches, shortfall.category);
}

ExitCode report_infeasible(const SearchOutcome& outcome, Bytes budget, OutputForm form) {
  std::string message = fmt::format("no plan fits in {} per device", bytes_text(budget));
  for (const Shortfall& shortfall : outcome.shortfalls) message += "\n" + shortfall_text(shortfall);
  report(ErrorReport{"infeasible", message, "raise --memory-budget or add devices"}, form);
  return ExitCode::infeasible;
}

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

ExitCode code_of(SearchEnd end) {
  switch (end) {
    case SearchEnd::finished:
      return ExitCode::ok;
    case SearchEnd::time_limit:
      return ExitCode::time_limit;
    case SearchEnd::interrupted:
      return ExitCode::interrupted;
  }
  return ExitCode::internal_error;
}

ExitCode report_nothing_found(const SearchOutcome& outcome, const SearchRequest& request,
                              OutputForm form) {
  if (outcome.end == SearchEnd::finished) {
    return report_infeasible(outcome, request.inputs.memory_budget, form);
  }
  report(ErrorReport{"no_plan", "stopped before any plan was found", ""}, form);
  return code_of(outcome.end);
}

// Its search proves the optimum in milliseconds on one thread.
std::vector<std::string> without_meaning_when_published(const PlanArguments& arguments) {
  std::vector<std::string> names;
  if (arguments.gap.value_or(0) != 0) names.emplace_back("--gap");
  if (!arguments.time_limit.empty()) names.emplace_back("--time-limit");
  if (arguments.threads != 1) names.emplace_back("--threads");
  return names;
}

// With the proof of its bound, which only the file holds.
void write_plan(Plan plan, const std::vector<std::int64_t>& global_batches,
                const std::string& path) {
  plan.proof = prove(plan, global_batches, interrupted);
  write_atomically(path, plan_yaml(plan));
}

ExitCode run_plan(const PlanArguments& arguments, const Session& session) {
  PlanningInputs inputs = read_inputs(arguments.inputs);
  for (const std::string& warning : inputs.warnings) fmt::print(stderr, "{}\n", warning);
  if (inputs.inputs.hardware.published) {
    return plan_published({arguments.inputs, arguments.only, arguments.output,
                           without_meaning_when_published(arguments)},
                          std::move(inputs), session);
  }
  inputs.inputs.search = search_options(arguments, inputs.inputs.runtime);
  const SearchRequest request{.model = inputs.model,
                              .job = inputs.job,
                              .global_batches = inputs.global_batches,
                              .inputs = inputs.inputs};
  watch_interrupt();
  ProgressLine progress(session.terminal);
  const SearchOutcome outcome =
      search_plan(request, {.threads = arguments.threads,
                            .time_limit = time_limit(arguments.time_limit),
                            .interrupted = interrupted,
                            .progress = [&](const SearchProgress& now) { progress.show(now); }});
  progress.clear();
  if (!outcome.plan) return report_nothing_found(outcome, request, session.form);
  if (!arguments.output.empty())
    write_plan(*outcome.plan, request.global_batches, arguments.output);
  print_outcome(outcome, session);
  return code_of(outcome.end);
}

}  // namespace

Command add_plan_command(CLI::App& app) {
  CLI::App& command =
      add_subcommand(app, {"plan", "Find the plan of highest throughput that fits in memory.",
                           "galvatron plan --model config.json --hardware a100_80gb_sxm --nodes 4 "
                           "--global-batch 512 -o plan.yaml"});
  const auto arguments = std::make_shared<PlanArguments>();
  add_input_options(command, arguments->inputs);
  command.add_option("--only", arguments->only, "keep an axis to these values: AXIS=V[,V...]")
      ->take_all()
      ->delimiter('\0');
  command
      .add_option("--gap", arguments->gap,
                  fmt::format("stop at this certified gap, by default {}; 0: the optimum",
                              SearchOptions{}.gap))
      ->check(CLI::Range(0.0, 1.0));
  command.add_option("--time-limit", arguments->time_limit, "stop with the best plan so far: 30s");
  command.add_option("--threads", arguments->threads, "threads of the search")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  command.add_option("-o,--output", arguments->output, "write the plan to this file");
  return {&command, [arguments](const Session& session) { return run_plan(*arguments, session); }};
}

}  // namespace galvatron
