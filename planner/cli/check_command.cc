#include <fmt/format.h>

#include <memory>
#include <optional>

#include "planner/cli/command.h"
#include "planner/cli/plan_json.h"
#include "planner/cli/profile_files.h"
#include "planner/plan/hardware_yaml.h"
#include "planner/plan/plan_yaml.h"
#include "planner/review/check.h"
#include "planner/schedule/memory_bound.h"

namespace galvatron {
namespace {

struct CheckArguments {
  std::string plan;
  std::string hardware;
};

// `peak_bytes_bound`: what the search compares with the budget; a published profile has none.
Json price_json(const Plan& plan) {
  const Bytes peak = peak_bytes(plan);
  Json json{{"step_seconds", plan.predicted.step.value},
            {"closed_form_seconds", plan.predicted.closed_form.value},
            {"peak_bytes", peak.value},
            {"fits", peak <= plan.inputs->memory_budget}};
  if (!plan.inputs->hardware.published) {
    json["peak_bytes_bound"] = memory_bound(plan, build_layer_graph(plan.model)).value;
  }
  return json;
}

// `priced` is absent where the plan has no price.
Json json_of(const Plan& plan, const std::vector<Finding>& findings) {
  Json list = Json::array();
  for (const Finding& finding : findings) {
    list.push_back({{"code", finding.code}, {"message", finding.message}});
  }
  Json json{{"ok", findings.empty()}, {"findings", list}};
  if (const std::optional<Prediction> priced = priced_again(plan)) {
    Plan again = plan;
    again.predicted = *priced;
    json["priced"] = price_json(again);
  }
  return json;
}

ExitCode run_check(const CheckArguments& arguments, const Session& session) {
  Plan plan = read_plan(arguments.plan);
  if (!arguments.hardware.empty()) {
    if (!plan.inputs) throw UsageError("--hardware needs a plan with inputs");
    plan.inputs->hardware = read_hardware(find_hardware_profile(arguments.hardware));
  }
  const std::vector<Finding> findings = check(plan);
  if (session.form == OutputForm::json) {
    fmt::print("{}\n", json_of(plan, findings).dump(2));
  } else {
    for (const Finding& finding : findings) fmt::print("{}\n", finding.message);
    if (findings.empty()) fmt::print("the plan holds\n");
  }
  return findings.empty() ? ExitCode::ok : ExitCode::negative_answer;
}

}  // namespace

Command add_check_command(CLI::App& app) {
  CLI::App& command = add_subcommand(
      app, {"check", "Price a plan again and compare with what it says; ends with 1 on a finding.",
            "galvatron check plan.yaml"});
  const auto arguments = std::make_shared<CheckArguments>();
  command.add_option("plan", arguments->plan, "plan file")->required();
  command.add_option("--hardware", arguments->hardware, "price for this profile instead");
  return {&command, [arguments](const Session& session) { return run_check(*arguments, session); }};
}

}  // namespace galvatron
