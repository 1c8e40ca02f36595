#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "planner/cli/arguments.h"
#include "planner/cli/command.h"
#include "planner/cli/explanation_json.h"
#include "planner/cli/explanation_text.h"
#include "planner/cli/interrupt.h"
#include "planner/cli/measured_text.h"
#include "planner/cli/progress.h"
#include "planner/cli/validators.h"
#include "planner/cli/why_not_text.h"
#include "planner/plan/plan_yaml.h"
#include "planner/plan/runtime_space.h"
#include "planner/review/check.h"
#include "planner/schedule/price.h"

namespace galvatron {
namespace {

struct ExplainArguments {
  std::string plan;
  std::vector<std::string> why_not;
  std::string measured;
  std::string trace;
  std::optional<double> gap;  // of all searches; none: the plan's own
  int threads = 1;
};

// Throws SpecError where the plan's inputs do not say enough to price it. A plan that says other
// than what is priced is explained by what is priced.
Plan priced_plan(const std::string& path) {
  Plan plan = read_plan(path);
  const std::vector<Finding> problems = check_priceable(plan);
  if (!problems.empty()) {
    throw SpecError(Diagnostic{.code = problems.front().code,
                               .message = problems.front().message,
                               .file = path,
                               .hint = "explain needs a plan that can be priced from its inputs"});
  }
  require_rank_program(plan, path, "explain");
  const Prediction told = plan.predicted;
  const std::vector<Finding> findings = check(plan);
  plan.predicted = price(plan, build_layer_graph(plan.model));
  const bool differs = std::any_of(findings.begin(), findings.end(), [](const Finding& finding) {
    return finding.code == "time" || finding.code == "memory";
  });
  if (differs) {
    fmt::print(stderr,
               "{} says {:.4g} s a step, priced again it is {:.4g} s: see galvatron check\n", path,
               told.step.value, plan.predicted.step.value);
  }
  return plan;
}

// Throws UsageError where the gap has no meaning.
void take_gap(Plan& plan, double gap) {
  if (plan.inputs->hardware.published && gap != 0) {
    throw UsageError("--gap: plans under a published profile are searched to the optimum",
                     "leave --gap out");
  }
  plan.inputs->search.gap = gap;
}

// Throws UsageError for an axis or a value that the plan's space does not know.
std::vector<AxisRestriction> read_pins(const ExplainArguments& arguments, const Plan& plan) {
  std::vector<AxisRestriction> pins;
  for (const std::string& text : arguments.why_not) {
    pins.push_back(parse_restriction("--why-not", text));
    if (const std::optional<SpaceProblem> problem = problem_of(*plan.inputs, pins.back())) {
      throw UsageError("--why-not: " + problem->message, problem->hint);
    }
  }
  return pins;
}

ExitCode answer_pins(const Plan& plan, const std::vector<AxisRestriction>& pins,
                     const ExplainArguments& arguments, const Session& session) {
  ProgressLine progress(session.terminal);
  const SearchControl control{.threads = arguments.threads,
                              .interrupted = interrupted,
                              .progress = [&](const SearchProgress& now) { progress.show(now); }};
  std::vector<WhyNot> answers;
  for (const AxisRestriction& pin : pins) answers.push_back(why_not(plan, pin, control));
  progress.clear();
  if (session.form == OutputForm::json) {
    fmt::print("{}\n", why_not_json(plan, answers).dump(2));
  } else {
    for (const WhyNot& answer : answers) fmt::print("{}", why_not_text(plan, answer));
  }
  return interrupted() ? ExitCode::interrupted : ExitCode::ok;
}

ExitCode compare_with_run(const Plan& plan, const ExplainArguments& arguments,
                          const Session& session) {
  MeasuredRun run = beside(plan, read_run_log(arguments.measured), arguments.measured);
  if (!arguments.trace.empty()) {
    const LayerGraph graph = build_layer_graph(plan.model);
    run.operations = beside(op_times(plan, graph, simulate(plan, graph)),
                            read_op_times(arguments.trace, plan, graph));
  }
  if (session.form == OutputForm::json) {
    fmt::print("{}\n", measured_json(run).dump(2));
  } else {
    fmt::print("{}", measured_text(run));
  }
  return ExitCode::ok;
}

ExitCode run_explain(const ExplainArguments& arguments, const Session& session) {
  Plan plan = priced_plan(arguments.plan);
  if (arguments.gap) take_gap(plan, *arguments.gap);
  if (!arguments.measured.empty()) return compare_with_run(plan, arguments, session);
  const std::vector<AxisRestriction> pins = read_pins(arguments, plan);
  watch_interrupt();
  if (!pins.empty()) return answer_pins(plan, pins, arguments, session);
  ProgressLine progress(session.terminal);
  const Explanation explanation = explain(plan, {.threads = arguments.threads,
                                                 .interrupted = interrupted,
                                                 .asking = [&](const std::string& question) {
                                                   progress.show("searching: " + question);
                                                 }});
  progress.clear();
  if (session.form == OutputForm::json) {
    fmt::print("{}\n", explanation_json(explanation).dump(2));
  } else {
    fmt::print("{}", explanation_text(explanation, session.terminal));
  }
  return explanation.is_complete ? ExitCode::ok : ExitCode::interrupted;
}

}  // namespace

Command add_explain_command(CLI::App& app) {
  CLI::App& command = add_subcommand(
      app,
      {"explain",
       "Say where a plan's step and memory go, what the best plan of every stage count and the "
       "usual plans take, and what more memory or bandwidth is worth; or what other values "
       "cost.",
       "galvatron explain plan.yaml\n  galvatron explain plan.yaml --why-not tensor=8\n  "
       "galvatron explain plan.yaml --measured run.jsonl"});
  const auto arguments = std::make_shared<ExplainArguments>();
  command.add_option("plan", arguments->plan, "plan file")->required();
  command
      .add_option("--why-not", arguments->why_not,
                  "say only what it costs to keep an axis to these values: AXIS=V[,V...]")
      ->take_all()
      ->delimiter('\0');
  command
      .add_option("--gap", arguments->gap,
                  "certified gap of the searches, by default the plan's own; 0: the optimum, which "
                  "can take minutes for a large model")
      ->check(share_of_one());
  CLI::Option* const measured =
      command
          .add_option("--measured", arguments->measured,
                      "say only what was predicted beside what a run measured: its training log")
          ->excludes("--why-not")
          ->excludes("--gap");
  command
      .add_option("--trace", arguments->trace,
                  "trace of some steps of that run: its operations beside the predicted ones")
      ->needs(measured);
  command.add_option("--threads", arguments->threads, "threads of the searches")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  return {&command,
          [arguments](const Session& session) { return run_explain(*arguments, session); }};
}

}  // namespace galvatron
