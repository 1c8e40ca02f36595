#include "planner/cli/why_not_text.h"

#include <fmt/format.h>

#include <cmath>

#include "planner/cli/answer_text.h"
#include "planner/cli/changes_text.h"
#include "planner/cli/quantity_text.h"

namespace galvatron {
namespace {

std::string cost_text(const Plan& plan, const Plan& other) {
  const Seconds own = plan.predicted.step;
  const Seconds cost = other.predicted.step - own;
  const double share = std::abs(cost / own);
  const std::string steps =
      fmt::format("a step of {} instead of {}", step_text(other.predicted.step), step_text(own));
  if (share <= plan.inputs->search.gap) {
    return fmt::format(
        "costs nothing that the search tells apart: {} ({}), within its gap of {:.3g} %", steps,
        longer_text(own, other.predicted.step), plan.inputs->search.gap * 100);
  }
  return fmt::format("{} {} ({}): {}", cost.value < 0 ? "gains" : "costs",
                     seconds_text({std::abs(cost.value)}), longer_text(own, other.predicted.step),
                     steps);
}

}  // namespace

std::string why_not_text(const Plan& plan, const WhyNot& why_not) {
  const std::string pin =
      fmt::format("{}={}", why_not.pin.axis, fmt::join(why_not.pin.values, ","));
  if (why_not.is_so_already) {
    return fmt::format("{}: the plan has nothing else\n", pin);
  }
  std::string text = pin;
  if (!why_not.replaced.empty()) {
    text += fmt::format(" (the plan was made with --only {}={})", why_not.pin.axis,
                        fmt::join(why_not.replaced, ","));
  }
  if (!why_not.answer.plan) {
    return text + ": " + reason_text(why_not.answer, plan.inputs->memory_budget) + "\n";
  }
  return fmt::format("{} {}\n{}\n", text, cost_text(plan, *why_not.answer.plan),
                     changes_text(why_not.changes));
}

}  // namespace galvatron
