#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "planner/cli/command.h"
#include "planner/cli/plan_json.h"
#include "planner/cli/plan_text.h"
#include "planner/cli/profile_files.h"
#include "planner/plan/hardware_yaml.h"
#include "planner/plan/plan_yaml.h"
#include "planner/review/check.h"
#include "planner/review/verify.h"
#include "planner/schedule/memory_bound.h"

namespace galvatron {
namespace {

struct CheckArguments {
  std::string plan;
  std::string hardware;
  bool certificate = false;
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

struct Answer {
  std::vector<Finding> findings;
  std::optional<Verification> proof;  // where it was asked for and can be checked
};

bool can_be_priced(const std::vector<Finding>& findings) {
  return std::none_of(findings.begin(), findings.end(), [](const Finding& finding) {
    return finding.code == "structure" || finding.code == "inputs";
  });
}

Answer answer_of(const Plan& plan, const CheckArguments& arguments) {
  Answer answer{.findings = check(plan), .proof = std::nullopt};
  if (!arguments.certificate || !can_be_priced(answer.findings)) return answer;
  answer.proof = verify(plan);
  const std::vector<Finding>& more = answer.proof->findings;
  answer.findings.insert(answer.findings.end(), more.begin(), more.end());
  return answer;
}

Json json_of(const Verification& proof) {
  Json weak = Json::array();
  for (const WeakPair& pair : proof.weak) {
    weak.push_back({{"global_batch", pair.global_batch},
                    {"pipeline", pair.pipeline},
                    {"micro_batches", pair.micro_batches},
                    {"bound_seconds", pair.bound.value}});
  }
  return {{"proved_seconds", proof.proved.value},
          {"gap", proof.gap},
          {"pairs", proof.pairs},
          {"without_memory", proof.without_memory},
          {"without_prices", proof.without_prices},
          {"by_prices", proof.by_prices},
          {"below_certificate", weak}};
}

// `priced` is absent where the plan has no price.
Json json_of(const Plan& plan, const Answer& answer) {
  Json list = Json::array();
  for (const Finding& finding : answer.findings) {
    list.push_back({{"code", finding.code}, {"message", finding.message}});
  }
  Json json{{"ok", answer.findings.empty()}, {"findings", list}};
  if (const std::optional<Prediction> priced = priced_again(plan)) {
    Plan again = plan;
    again.predicted = *priced;
    json["priced"] = price_json(again);
  }
  if (answer.proof && answer.proof->pairs > 0) json["certificate"] = json_of(*answer.proof);
  return json;
}

std::string text_of(const Verification& proof, const Certificate& certificate) {
  std::string text = fmt::format(
      "prices prove {:.6g} s, a gap of {:.3f} %; of {} pairs of stages and micro-batches {} are "
      "closed without memory, {} without prices, {} by prices\n",
      proof.proved.value, proof.gap * 100, proof.pairs, proof.without_memory, proof.without_prices,
      proof.by_prices);
  if (proof.weak.empty()) return text + "the certificate holds\n";
  text += fmt::format(
      "the certificate says {:.6g} s, a gap of {:.3f} %; what lies between rests on "
      "the search's enumeration of\n",
      certificate.lower_bound.value, certificate.gap * 100);
  for (const WeakPair& pair : proof.weak) {
    text +=
        fmt::format("  pipeline {}, {} of global batch {}: {:.6g} s by prices\n", pair.pipeline,
                    plural(pair.micro_batches, "micro-batch"), pair.global_batch, pair.bound.value);
  }
  return text;
}

void print_text(const Answer& answer, const Plan& plan) {
  for (const Finding& finding : answer.findings) fmt::print("{}\n", finding.message);
  if (!answer.findings.empty()) return;
  fmt::print("the plan holds\n");
  if (answer.proof) fmt::print("{}", text_of(*answer.proof, *plan.certificate));
}

ExitCode run_check(const CheckArguments& arguments, const Session& session) {
  Plan plan = read_plan(arguments.plan);
  if (!arguments.hardware.empty()) {
    if (!plan.inputs) throw UsageError("--hardware needs a plan with inputs");
    plan.inputs->hardware = read_hardware(find_hardware_profile(arguments.hardware));
  }
  const Answer answer = answer_of(plan, arguments);
  if (session.form == OutputForm::json) {
    fmt::print("{}\n", json_of(plan, answer).dump(2));
  } else {
    print_text(answer, plan);
  }
  return answer.findings.empty() ? ExitCode::ok : ExitCode::negative_answer;
}

}  // namespace

Command add_check_command(CLI::App& app) {
  CLI::App& command = add_subcommand(
      app, {"check", "Price a plan again and compare with what it says; ends with 1 on a finding.",
            "galvatron check plan.yaml"});
  const auto arguments = std::make_shared<CheckArguments>();
  command.add_option("plan", arguments->plan, "plan file")->required();
  command.add_option("--hardware", arguments->hardware, "price for this profile instead");
  command.add_flag("--certificate", arguments->certificate,
                   "prove the lower bound again from the prices that the plan holds");
  return {&command, [arguments](const Session& session) { return run_check(*arguments, session); }};
}

}  // namespace galvatron
