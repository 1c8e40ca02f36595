#include "planner/cli/published_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>

#include "planner/cli/infeasible.h"
#include "planner/cli/interrupt.h"
#include "planner/cli/plan_json.h"
#include "planner/cli/plan_text.h"
#include "planner/cli/published_inputs.h"
#include "planner/cli/quantity_text.h"
#include "planner/files/atomic_write.h"
#include "planner/plan/plan_yaml.h"
#include "planner/plan/structure.h"
#include "planner/search/wider_search.h"

namespace galvatron {
namespace {

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

// The least budget that the shortfalls speak of, if the search finds a plan within it.
std::string budget_hint(const PublishedOutcome& outcome, const PublishedRequest& request) {
  PublishedRequest larger = request;
  larger.memory_budget =
      std::min_element(outcome.shortfalls.begin(), outcome.shortfalls.end(),
                       [](const PublishedShortfall& one, const PublishedShortfall& other) {
                         return one.least < other.least;
                       })
          ->least;
  if (!search_published(larger).best) return "raise --memory-budget";
  return fmt::format("a plan fits with --memory-budget {}", budget_argument(larger.memory_budget));
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
  report(ErrorReport{"infeasible", message, budget_hint(answer.outcome, request)}, form);
  return ExitCode::infeasible;
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

ExitCode plan_published(const PublishedPlanArguments& arguments, PlanningInputs inputs,
                        const Session& session) {
  const PublishedArguments given{arguments.inputs, arguments.search};
  inputs.inputs.search = published_options(given, inputs.inputs.hardware);
  const LayerGraph graph = build_layer_graph(inputs.model);
  const PublishedRequest request = published_request(given, inputs, graph);
  watch_interrupt();
  const Answer answer = answer_of(request);
  if (!answer.outcome.best) return report_infeasible(answer, request, session.form);
  const Plan plan =
      priced_plan({inputs.model, graph, inputs.inputs}, request, *answer.outcome.best);
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
