#include "planner/cli/explanation_text.h"

#include <fmt/format.h>

#include <cmath>
#include <vector>

#include "planner/cli/account_text.h"
#include "planner/cli/answer_text.h"
#include "planner/cli/plan_text.h"
#include "planner/cli/quantity_text.h"
#include "planner/cli/table.h"

namespace galvatron {
namespace {

Row answer_row(const std::string& name, const Answer& answer, const Explanation& explanation) {
  if (!answer.plan) {
    return {name, "-", "-", reason_text(answer, explanation.plan.inputs->memory_budget)};
  }
  const Seconds step = answer.plan->predicted.step;
  const bool is_this = *answer.plan == explanation.plan;
  return {name, step_text(step),
          is_this ? "this plan" : longer_text(explanation.plan.predicted.step, step),
          decisions_text(*answer.plan)};
}

std::string within_gap(const Explanation& explanation) {
  const double gap = explanation.plan.inputs->search.gap;
  return gap == 0 ? "solved to the optimum" : fmt::format("solved within {:.3g} %", gap * 100);
}

std::string pipelines_text(const Explanation& explanation, const Terminal& terminal) {
  std::vector<Row> rows;
  for (const auto& [pipeline, answer] : explanation.pipelines) {
    rows.push_back(answer_row(std::to_string(pipeline), answer, explanation));
  }
  return section_title("The best plan of every stage count, each " + within_gap(explanation),
                       terminal) +
         table_text({{"stages", Align::right},
                     {"step", Align::right},
                     {"to this plan", Align::right},
                     {"what it is, or why there is none"}},
                    rows);
}

std::string baseline_name(BaselineKind kind) {
  switch (kind) {
    case BaselineKind::data_parallel:
      return "pure data parallel";
    case BaselineKind::zero_3:
      return "ZeRO-3";
    case BaselineKind::tensor_pipeline:
      return "tensor x pipeline";
    case BaselineKind::three_d:
      return "3D";
  }
  return "";
}

// "bubble +320 ms" for the part that grew most; nothing for a baseline that does not lose.
std::string loss_text(const Baseline& baseline, const Explanation& explanation) {
  if (!baseline.parts) return "";
  const PartIncrease grown = largest_increase(busiest_parts(explanation.time), *baseline.parts);
  const bool loses = baseline.answer.plan->predicted.step > explanation.plan.predicted.step;
  if (!loses || grown.increase <= Seconds{}) return "-";
  return fmt::format("{} {}", grown.name, change_text(grown.increase));
}

std::string baselines_text(const Explanation& explanation, const Terminal& terminal) {
  std::vector<Row> rows;
  for (const Baseline& baseline : explanation.baselines) {
    Row row = answer_row(baseline_name(baseline.kind), baseline.answer, explanation);
    row.insert(row.end() - 1, loss_text(baseline, explanation));
    rows.push_back(row);
  }
  return section_title("One strategy for all layers, the best of each kind", terminal) +
         table_text({{"kind"},
                     {"step", Align::right},
                     {"to this plan", Align::right},
                     {"loses most by"},
                     {"what it is, or why there is none"}},
                    rows);
}

// Of doubles: less than a nanosecond is nothing.
std::string gain_text(Seconds gain) {
  return std::abs(gain.value) < 1e-9 ? "nothing" : seconds_text(gain);
}

std::string prices_text(const Explanation& explanation, const Terminal& terminal) {
  const Seconds step = reference_step(explanation);
  std::vector<Row> rows;
  for (const ShadowPrice& price : explanation.prices) {
    const Seconds kept = step - price.kept;
    const Seconds gain = step - improved_step(price);
    rows.push_back({price.resource, price.change, gain_text(kept),
                    price.answer.plan ? gain_text(gain) : "-", percent(gain / step)});
  }
  return section_title("What more of a resource takes off the step", terminal) +
         table_text({{"resource"},
                     {"change", Align::right},
                     {"same plan", Align::right},
                     {"planned again", Align::right},
                     {"of the step", Align::right}},
                    rows) +
         fmt::format(
             "Each change by itself, {} again, or the plan kept where that is faster: a gain "
             "below the gap says little.\n",
             within_gap(explanation));
}

// Of a plan that is not the answer to its own question.
std::string best_text(const Explanation& explanation, const Terminal& terminal) {
  if (!explanation.best) return "";
  const Row row = answer_row("", *explanation.best, explanation);
  return section_title("The best plan of its space, " + within_gap(explanation), terminal) +
         (explanation.best->plan ? fmt::format("{} ({}): {}\n", row[1], row[2],
                                               decisions_text(*explanation.best->plan))
                                 : row[3] + "\n");
}

}  // namespace

std::string explanation_text(const Explanation& explanation, const Terminal& terminal) {
  const Plan& plan = explanation.plan;
  std::string text = heading_text(plan, terminal);
  text +=
      fmt::format("step {}, {} samples/s\n", seconds_text(plan.predicted.step),
                  number3(static_cast<double>(plan.job.global_batch) / plan.predicted.step.value));
  text += time_text(explanation, terminal) + memory_text(explanation, terminal);
  text += best_text(explanation, terminal) + pipelines_text(explanation, terminal) +
          baselines_text(explanation, terminal) + prices_text(explanation, terminal);
  return explanation.is_complete ? text : text + "\nInterrupted: not everything was searched.\n";
}

}  // namespace galvatron
