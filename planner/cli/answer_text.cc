#include "planner/cli/answer_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "planner/cli/plan_text.h"
#include "planner/cli/quantity_text.h"

namespace galvatron {

const Strategy& main_strategy(const Plan& plan) {
  const auto layers_with = [&](const Strategy& strategy) {
    return std::count(plan.strategies.begin(), plan.strategies.end(), strategy);
  };
  return *std::max_element(plan.strategies.begin(), plan.strategies.end(),
                           [&](const Strategy& one, const Strategy& other) {
                             return layers_with(one) < layers_with(other);
                           });
}

std::string decisions_text(const Plan& plan) {
  const Strategy& most = main_strategy(plan);
  const bool all_agree = std::all_of(plan.strategies.begin(), plan.strategies.end(),
                                     [&](const Strategy& strategy) { return strategy == most; });
  return fmt::format("{}, {}: {}{}", plural(pipeline_degree(plan), "stage"),
                     plural(plan.micro_batches, "micro-batch"), all_agree ? "" : "mostly ",
                     strategy_text(most));
}

std::string reason_text(const Answer& answer, Bytes budget) {
  if (answer.end == SearchEnd::interrupted) return "interrupted before any plan was found";
  if (answer.end == SearchEnd::time_limit) return "out of time before any plan was found";
  if (answer.shortfalls.empty()) {
    return "no such strategy divides the layers, the batch and the devices in the runtime's space";
  }
  const auto least = std::min_element(
      answer.shortfalls.begin(), answer.shortfalls.end(),
      [](const Shortfall& one, const Shortfall& other) { return one.least < other.least; });
  return fmt::format("does not fit: stage {} of {} needs at least {}, {} more than the budget{}",
                     least->stage, least->pipeline, bytes_text(least->least),
                     bytes_text(least->least - budget),
                     least->category.empty() ? "" : ", most of it " + least->category);
}

std::string longer_text(Seconds step, Seconds other) {
  return fmt::format("{:+.2f} %", (other / step - 1) * 100);
}

}  // namespace galvatron
