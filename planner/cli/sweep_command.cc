#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "planner/cli/arguments.h"
#include "planner/cli/command.h"
#include "planner/cli/exit_code.h"
#include "planner/cli/interrupt.h"
#include "planner/cli/plan_text.h"
#include "planner/cli/progress.h"
#include "planner/cli/published_sweep.h"
#include "planner/cli/search_arguments.h"
#include "planner/cli/sweep_table.h"
#include "planner/cli/validators.h"
#include "planner/files/atomic_write.h"
#include "planner/plan/plan_yaml.h"
#include "planner/plan/structure.h"
#include "planner/schedule/profile_gaps.h"

namespace galvatron {
namespace {

constexpr std::size_t kMostPoints = 4096;

struct SweepArguments {
  InputArguments inputs;  // without the next three
  std::string nodes;
  std::string global_batches;
  std::string memory_budgets;
  SearchArguments search;
  std::string format = "text";
  std::string output;
  std::string plan_folder;
};

// The inputs of each cluster: one, or one per number of nodes.
std::vector<PlanningInputs> inputs_by_cluster(const SweepArguments& arguments,
                                              std::int64_t global_batch) {
  InputArguments one = arguments.inputs;
  one.global_batch = std::to_string(global_batch);
  if (arguments.nodes.empty()) return {read_inputs(one)};
  std::vector<PlanningInputs> inputs;
  for (const std::int64_t nodes : parse_numbers("--nodes", arguments.nodes)) {
    if (nodes > kMostNodes) {
      throw UsageError(fmt::format("--nodes must be at most {}, got {}", kMostNodes, nodes));
    }
    one.nodes = static_cast<int>(nodes);
    inputs.push_back(read_inputs(one));
  }
  return inputs;
}

// What was given, with the nodes that are a range here.
PublishedSweepArguments published_arguments(const SweepArguments& arguments) {
  PublishedSweepArguments published{
      .inputs = arguments.inputs,
      .search = arguments.search,
      .global_batches = parse_numbers("--global-batch", arguments.global_batches)};
  if (!arguments.nodes.empty()) published.inputs.nodes = 1;
  return published;
}

SweepRequest request_of(const SweepArguments& arguments) {
  SweepRequest request;
  request.global_batches = parse_numbers("--global-batch", arguments.global_batches);
  const std::vector<PlanningInputs> inputs =
      inputs_by_cluster(arguments, request.global_batches.front());
  const PlanningInputs& first = inputs.front();
  for (const std::string& warning : first.warnings) fmt::print(stderr, "{}\n", warning);
  request.model = first.model;
  request.job = first.job;
  request.inputs = first.inputs;
  if (first.inputs.hardware.published) {
    const PublishedPoints published = published_points(published_arguments(arguments), first);
    request.inputs.search = published.options;
    request.search = published.search;
  } else {
    request.inputs.search = search_options(arguments.search, first.inputs.runtime);
  }
  for (const PlanningInputs& cluster : inputs) request.clusters.push_back(cluster.inputs.hardware);
  request.memory_budgets = arguments.memory_budgets.empty()
                               ? std::vector{first.inputs.memory_budget}
                               : parse_sizes("--memory-budget", arguments.memory_budgets);
  const std::size_t points =
      request.clusters.size() * request.global_batches.size() * request.memory_budgets.size();
  if (points > kMostPoints) {
    throw UsageError(fmt::format("a sweep holds at most {} points, got {}", kMostPoints, points));
  }
  return request;
}

enum class TableForm { text, csv, json };

TableForm form_of_output(const std::string& path) {
  if (path.ends_with(".csv")) return TableForm::csv;
  if (path.ends_with(".json")) return TableForm::json;
  throw UsageError("-o must end with .csv or .json, got " + path);
}

TableForm printed_form(const SweepArguments& arguments, const Session& session) {
  const bool is_csv = arguments.format == "csv";
  if (session.form == OutputForm::text) return is_csv ? TableForm::csv : TableForm::text;
  if (is_csv) throw UsageError("--format csv and --json are two formats: give one of them");
  return TableForm::json;
}

std::string table_in(TableForm form, const SweepOutcome& outcome) {
  switch (form) {
    case TableForm::text:
      return sweep_text(outcome);
    case TableForm::csv:
      return sweep_csv(outcome);
    case TableForm::json:
      return sweep_json(outcome).dump(2) + "\n";
  }
  return {};
}

// "16GiB", "275MiB": the largest unit that leaves no fraction.
std::string whole_bytes_text(Bytes size) {
  for (const auto& [unit, name] : {std::pair{kGiB, "GiB"}, {kMiB, "MiB"}, {kKiB, "KiB"}}) {
    if (size.value % unit.value == 0) return fmt::format("{}{}", size.value / unit.value, name);
  }
  return fmt::format("{}B", size.value);
}

// Before anything is searched: no long work is lost over a folder that cannot be.
void make_plan_folder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw UsageError("--save-plans: " + folder + ": " + error.message());
}

void save_plans(const SweepOutcome& outcome, const std::filesystem::path& folder) {
  for (const SweepPoint& point : outcome.points) {
    if (!point.plan) continue;
    const std::string name = fmt::format("nodes{}_batch{}_{}.yaml", point.nodes, point.global_batch,
                                         whole_bytes_text(point.memory_budget));
    const std::vector<StructureProblem> problems =
        check_structure(*point.plan, build_layer_graph(point.plan->model));
    if (problems.empty()) {
      write_atomically((folder / name).string(), plan_yaml(*point.plan));
    } else {
      fmt::print(stderr, "{} is not saved, it cannot be executed: {}\n", name,
                 to_text(problems.front()));
    }
  }
}

bool has_plan(const SweepOutcome& outcome) {
  return std::any_of(outcome.points.begin(), outcome.points.end(),
                     [](const SweepPoint& point) { return point.plan.has_value(); });
}

// Each once, whatever the number of points.
void warn_of_gaps(const SweepOutcome& outcome) {
  std::set<std::string> gaps;
  for (const SweepPoint& point : outcome.points) {
    if (!point.plan) continue;
    for (std::string& gap : profile_gaps(*point.plan, build_layer_graph(point.plan->model))) {
      gaps.insert(std::move(gap));
    }
  }
  for (const std::string& gap : gaps) fmt::print(stderr, "warning: {}\n", gap);
}

// Under --json the table is part of the error's object.
ExitCode report_infeasible(const SweepOutcome& outcome, OutputForm form) {
  const auto points = static_cast<std::int64_t>(outcome.points.size());
  ErrorReport error{"infeasible", fmt::format("no plan fits at any of {}", plural(points, "point")),
                    "galvatron plan says for one point which changes let a plan fit"};
  if (form == OutputForm::json) error.details = sweep_json(outcome);
  report(error, form);
  return ExitCode::infeasible;
}

ExitCode run_sweep(const SweepArguments& arguments, const Session& session) {
  const TableForm form = printed_form(arguments, session);
  if (!arguments.output.empty()) form_of_output(arguments.output);
  if (!arguments.plan_folder.empty()) make_plan_folder(arguments.plan_folder);
  const SweepRequest request = request_of(arguments);
  watch_interrupt();
  ProgressLine progress(session.terminal);
  const SweepOutcome outcome =
      sweep(request, {.threads = arguments.search.threads,
                      .time_limit = time_limit(arguments.search),
                      .interrupted = interrupted,
                      .progress = [&](std::size_t done, std::size_t all) {
                        progress.show(fmt::format("{} of {} points", done, all));
                      }});
  progress.clear();
  if (!arguments.plan_folder.empty()) save_plans(outcome, arguments.plan_folder);
  if (!arguments.output.empty()) {
    write_atomically(arguments.output, table_in(form_of_output(arguments.output), outcome));
  }
  warn_of_gaps(outcome);
  const bool is_infeasible = outcome.end == SearchEnd::finished && !has_plan(outcome);
  if (!is_infeasible || form != TableForm::json) {
    fmt::print("{}", table_in(form, outcome));
  }
  return is_infeasible ? report_infeasible(outcome, session.form) : exit_code_of(outcome.end);
}

}  // namespace

Command add_sweep_command(CLI::App& app) {
  CLI::App& command = add_subcommand(
      app,
      {"sweep", "Plan for many budgets, clusters and batches, and mark the plans worth having.",
       "galvatron sweep --model config.json --hardware h100_80gb_sxm --nodes 1,2,4 "
       "--memory-budget 16:80:16GiB --global-batch 256"});
  const auto arguments = std::make_shared<SweepArguments>();
  add_model_options(command, arguments->inputs);
  command
      .add_option("--global-batch", arguments->global_batches,
                  "samples per step: B, B,B,... or LO:HI:STEP")
      ->required();
  command.add_option("--nodes", arguments->nodes,
                     "instead of the profile's: N,N,... or LO:HI:STEP");
  command.add_option("--memory-budget", arguments->memory_budgets,
                     "per device: 16GiB,24GiB or 16:80:8GiB; default: all of it");
  add_search_options(command, arguments->search);
  command.add_option("--format", arguments->format, "of the printed table: text or csv")
      ->check(CLI::IsMember({"text", "csv"}))
      ->capture_default_str();
  command.add_option("-o,--output", arguments->output, "write the table to FILE.csv or FILE.json")
      ->check(writable_file());
  command.add_option("--save-plans", arguments->plan_folder,
                     "write every point's plan into this folder");
  return {&command, [arguments](const Session& session) { return run_sweep(*arguments, session); }};
}

}  // namespace galvatron
