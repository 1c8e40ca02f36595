#include "planner/cli/infeasible.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "planner/cli/plan_json.h"
#include "planner/cli/plan_text.h"
#include "planner/cli/quantity_text.h"
#include "planner/files/quantity.h"
#include "planner/search/space.h"

namespace galvatron {
namespace {

constexpr const char* kNoSingleChange =
    "no single change of budget, restrictions, batch or nodes was found that lets a plan fit";
constexpr const char* kOutOfTime = "time ended the look for changes that let a plan fit";

std::string restriction_text(const AxisRestriction& restriction) {
  return fmt::format("--only {}={}", restriction.axis, fmt::join(restriction.values, ","));
}

// Those of the axes.
std::string restrictions_text(const std::vector<AxisRestriction>& only,
                              const std::vector<std::string>& axes) {
  std::vector<std::string> texts;
  for (const AxisRestriction& restriction : only) {
    if (std::find(axes.begin(), axes.end(), restriction.axis) != axes.end()) {
      texts.push_back(restriction_text(restriction));
    }
  }
  return fmt::format("{}", fmt::join(texts, " "));
}

std::string budget_text(Bytes least, const PlanInputs& inputs) {
  const Bytes memory = inputs.hardware.device.memory;
  return fmt::format(
      "--memory-budget {}, {} more{}", budget_argument(least),
      bytes_text(least - inputs.memory_budget),
      least > memory ? fmt::format(", but a device has {} in all", bytes_text(memory)) : "");
}

std::string message_of(const Infeasible& answer) {
  const PlanInputs& inputs = answer.request.inputs;
  if (answer.shortfalls.empty()) {
    return fmt::format("no strategy divides the model and its samples among {} devices{}{}",
                       device_count(inputs.hardware), inputs.search.only.empty() ? "" : " within ",
                       restrictions_text(inputs.search.only, axis_names()));
  }
  std::string message =
      fmt::format("no plan fits in {} per device", bytes_text(inputs.memory_budget));
  for (const Shortfall& shortfall : answer.shortfalls) {
    message += fmt::format("\n  pipeline {}: {}", shortfall.pipeline, shortfall_text(shortfall));
  }
  return message;
}

std::string hint_of(const Infeasible& answer) {
  const auto& [found, is_complete] = answer.relaxations;
  if (found.empty()) return is_complete ? kNoSingleChange : kOutOfTime;
  std::string hint = "a plan fits with any one of these changes:";
  for (const Relaxation& relaxation : found) {
    hint += "\n    " + relaxation_text(relaxation, answer.request);
  }
  if (!is_complete) hint += std::string("\n  ") + kOutOfTime;
  return hint;
}

Json shortfall_json(const Shortfall& shortfall) {
  return {{"pipeline", shortfall.pipeline},
          {"micro_batches", shortfall.micro_batches},
          {"stage", shortfall.stage},
          {"least_bytes", shortfall.least.value},
          {"category", shortfall.category}};
}

Json relaxation_json(const Relaxation& relaxation, const SearchRequest& request) {
  Json json{{"change", relaxation_text(relaxation, request)}};
  switch (relaxation.input) {
    case RelaxedInput::memory_budget:
      json["memory_budget_bytes"] = relaxation.value;
      break;
    case RelaxedInput::restrictions:
      json["axes"] = relaxation.axes;
      break;
    case RelaxedInput::global_batch:
      json["global_batch"] = relaxation.value;
      break;
    case RelaxedInput::nodes:
      json["nodes"] = relaxation.value;
      break;
  }
  return json;
}

}  // namespace

std::string shortfall_text(const Shortfall& shortfall) {
  const std::string need =
      fmt::format("stage {} needs at least {}", shortfall.stage, bytes_text(shortfall.least));
  if (shortfall.category.empty()) return need;
  return fmt::format("{} (in {}, most of it {})", need,
                     plural(shortfall.micro_batches, "micro-batch"), shortfall.category);
}

const Shortfall& least_shortfall(const std::vector<Shortfall>& shortfalls) {
  return *std::min_element(
      shortfalls.begin(), shortfalls.end(),
      [](const Shortfall& one, const Shortfall& other) { return one.least < other.least; });
}

std::string budget_argument(Bytes least) {
  const bool is_large = least >= kGiB;
  const double unit = static_cast<double>((is_large ? kGiB : kMiB).value);
  double hundredths = std::ceil(static_cast<double>(least.value) / unit * 100);
  while (true) {
    const std::string text = fmt::format("{:.2f}{}", hundredths / 100, is_large ? "GiB" : "MiB");
    if (parse_bytes(text).value_or(least) >= least) return text;
    ++hundredths;
  }
}

std::string relaxation_text(const Relaxation& relaxation, const SearchRequest& request) {
  const PlanInputs& inputs = request.inputs;
  switch (relaxation.input) {
    case RelaxedInput::memory_budget:
      return budget_text(Bytes{relaxation.value}, inputs);
    case RelaxedInput::restrictions:
      return "without " + restrictions_text(inputs.search.only, relaxation.axes);
    case RelaxedInput::global_batch:
      return fmt::format(
          "--global-batch {} instead of {}", relaxation.value,
          *std::min_element(request.global_batches.begin(), request.global_batches.end()));
    case RelaxedInput::nodes:
      return fmt::format("--nodes {} instead of {}", relaxation.value, inputs.hardware.nodes);
  }
  return {};
}

void report(const Infeasible& answer, OutputForm form) {
  Json details{{"shortfalls", Json::array()}, {"relaxations", Json::array()}};
  for (const Shortfall& shortfall : answer.shortfalls) {
    details["shortfalls"].push_back(shortfall_json(shortfall));
  }
  for (const Relaxation& relaxation : answer.relaxations.found) {
    details["relaxations"].push_back(relaxation_json(relaxation, answer.request));
  }
  report(ErrorReport{"infeasible", message_of(answer), hint_of(answer), std::move(details)}, form);
}

}  // namespace galvatron
