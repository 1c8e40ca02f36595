#include "planner/cli/published_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>

#include "planner/cli/interrupt.h"
#include "planner/cli/plan_json.h"
#include "planner/cli/plan_text.h"
#include "planner/cli/quantity_text.h"
#include "planner/files/atomic_write.h"
#include "planner/plan/plan_yaml.h"
#include "planner/plan/published_plan.h"
#include "planner/plan/published_profile.h"
#include "planner/plan/structure.h"
#include "planner/schedule/price.h"
#include "planner/search/wider_search.h"

namespace galvatron {
namespace {

void refuse_options(const PublishedArguments& arguments, const PlanningInputs& inputs) {
  std::vector<std::string> refused = arguments.without_meaning;
  const InputArguments& given = arguments.inputs;
  const auto refuse_if = [&](bool is_given, const char* name) {
    if (is_given) refused.emplace_back(name);
  };
  refuse_if(given.runtime != InputArguments{}.runtime, "--runtime");
  refuse_if(given.nodes.has_value(), "--nodes");
  refuse_if(given.devices_per_node.has_value(), "--devices-per-node");
  refuse_if(!given.memory_reserve.empty(), "--memory-reserve");
  refuse_if(given.clip_grad_norm.has_value(), "--clip-grad-norm");
  refuse_if(given.no_dropout, "--no-dropout");
  if (refused.empty()) return;
  throw UsageError(
      fmt::format("{} {} no meaning under the published cost model of {}", fmt::join(refused, ", "),
                  refused.size() == 1 ? "has" : "have", inputs.inputs.hardware.name),
      "its space and constants are fixed: see docs/published_model.md");
}

void refuse_batches(const std::vector<std::int64_t>& batches) {
  const auto odd = std::find_if(batches.begin(), batches.end(),
                                [](std::int64_t batch) { return batch % kPublishedDevices != 0; });
  if (odd == batches.end()) return;
  throw UsageError(
      fmt::format("--global-batch must be multiples of {} under a published profile, "
                  "got {}",
                  kPublishedDevices, *odd));
}

// The space under `--only`.
SearchSpace published_space(const std::vector<AxisRestriction>& only, const Runtime& runtime) {
  const SpaceReading reading = read_published_space(only, runtime);
  if (!reading.problems.empty()) {
    throw UsageError("--only: " + reading.problems.front().message, reading.problems.front().hint);
  }
  return reading.space;
}

const PublishedModel& constants_of(const PublishedArguments& arguments,
                                   const PlanningInputs& inputs, const LayerGraph& graph) {
  const PublishedMatch match =
      match_published(*inputs.inputs.hardware.published, inputs.model, graph);
  if (match.model != nullptr) return *match.model;
  throw SpecError(Diagnostic{.code = "no_constants",
                             .message = match.problem,
                             .file = arguments.inputs.model,
                             .hint = "plan this model with a profile of rates, such as cpu_local"});
}

struct Answer {
  PublishedOutcome outcome;
  Seconds elapsed{};
  std::optional<WiderOutcome> wider{};
};

Answer answer_of(const PublishedRequest& request) {
  const auto begin = std::chrono::steady_clock::now();
  Answer answer{.outcome = search_published(request)};
  answer.elapsed = {
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count()};
  if (answer.outcome.best) {
    answer.wider =
        search_wider(request, {.published = *answer.outcome.best, .interrupted = interrupted});
  }
  return answer;
}

ExitCode report_infeasible(const Answer& answer, const PublishedRequest& request, OutputForm form) {
  if (answer.outcome.shortfalls.empty()) {
    throw UsageError("--only: the published space has no strategy with these values",
                     "its degrees are 1, 2, 4 and 8, and ZeRO is 0 or 3");
  }
  std::string message =
      fmt::format("no plan of {} samples fits in {} per device", request.global_batches.front(),
                  bytes_text(request.memory_budget));
  for (const PublishedShortfall& shortfall : answer.outcome.shortfalls) {
    message += fmt::format("\n  pipeline {}: stage {} needs at least {}", shortfall.pipeline,
                           shortfall.stage, bytes_text(shortfall.least));
  }
  report(ErrorReport{"infeasible", message, "raise --memory-budget"}, form);
  return ExitCode::infeasible;
}

Plan priced_plan(const PlanningInputs& inputs, const LayerGraph& graph,
                 const PublishedRequest& request, const PublishedPlan& best) {
  const PublishedSetting setting{request.costs, request.model, pipeline_degree(best),
                                 best.global_batch};
  Plan plan = published_plan(inputs.model, graph, {setting, best.assignment, inputs.inputs});
  plan.predicted = price(plan, graph);
  plan.certificate =
      Certificate{.optimal = true, .lower_bound = plan.predicted.closed_form, .gap = 0};
  return plan;
}

double gain(const Answer& answer) {
  return samples_per_second(answer.wider->best) / samples_per_second(*answer.outcome.best) - 1;
}

Json json_of(const PublishedPlan& plan) {
  return {{"global_batch", plan.global_batch},
          {"pipeline", pipeline_degree(plan)},
          {"step_seconds", plan.step.value},
          {"samples_per_second", samples_per_second(plan)},
          {"peak_bytes", plan.peak.value}};
}

void print_json(const Plan& plan, const Answer& answer) {
  Json json = plan_json(plan);
  json["search_seconds"] = answer.elapsed.value;
  json["search"] = {{"pairs", answer.outcome.pairs}, {"solved", answer.outcome.solved}};
  json["largest_batch"] = json_of(*answer.outcome.largest);
  json["wider_space"] = json_of(answer.wider->best);
  json["wider_space"]["gain"] = gain(answer);
  json["wider_space"]["finished"] = answer.wider->finished;
  fmt::print("{}\n", json.dump(2));
}

void print_text(const Plan& plan, const LayerGraph& graph, const Answer& answer,
                const Session& session) {
  fmt::print("{}", plan_text(plan, graph, session.terminal));
  fmt::print("solved {} of {} pairs of batch and stages in {}\n", answer.outcome.solved,
             answer.outcome.pairs, seconds_text(answer.elapsed));
  const PublishedPlan& largest = *answer.outcome.largest;
  if (largest.global_batch != plan.job.global_batch) {
    fmt::print("largest batch that fits: {}, {} on {} stages, {} samples/s\n", largest.global_batch,
               seconds_text(largest.step), pipeline_degree(largest),
               number3(samples_per_second(largest)));
  }
  const PublishedPlan& wider = answer.wider->best;
  if (gain(answer) <= 0) {
    fmt::print("free boundaries and any batch find nothing better\n");
  } else {
    fmt::print("free boundaries and any batch: {:+.2f} %, {} samples/s at batch {} on {} stages\n",
               gain(answer) * 100, number3(samples_per_second(wider)), wider.global_batch,
               pipeline_degree(wider));
  }
}

// A plan that can be printed but not executed, such as of a table that no group of ranks can sum.
void refuse_unexecutable(const Plan& plan, const LayerGraph& graph) {
  const std::vector<StructureProblem> problems = check_structure(plan, graph);
  if (problems.empty()) return;
  throw UsageError("-o: the best published plan cannot be executed: " + to_text(problems.front()),
                   "leave -o out to see the plan");
}

}  // namespace

ExitCode plan_published(const PublishedArguments& arguments, PlanningInputs inputs,
                        const Session& session) {
  refuse_options(arguments, inputs);
  refuse_batches(inputs.global_batches);
  SearchOptions options{.only = {}, .gap = 0};
  for (const std::string& text : arguments.only) {
    options.only.push_back(parse_restriction("--only", text));
  }
  inputs.inputs.search = options;
  const LayerGraph graph = build_layer_graph(inputs.model);
  const PublishedRequest request{.costs = *inputs.inputs.hardware.published,
                                 .model = constants_of(arguments, inputs, graph),
                                 .space = published_space(options.only, inputs.inputs.runtime),
                                 .global_batches = inputs.global_batches,
                                 .memory_budget = inputs.inputs.memory_budget};
  watch_interrupt();
  const Answer answer = answer_of(request);
  if (!answer.outcome.best) return report_infeasible(answer, request, session.form);
  const Plan plan = priced_plan(inputs, graph, request, *answer.outcome.best);
  if (!arguments.output.empty()) {
    refuse_unexecutable(plan, graph);
    write_atomically(arguments.output, plan_yaml(plan));
  }
  if (session.form == OutputForm::json) {
    print_json(plan, answer);
  } else {
    print_text(plan, graph, answer, session);
  }
  return answer.wider->finished ? ExitCode::ok : ExitCode::interrupted;
}

}  // namespace galvatron
