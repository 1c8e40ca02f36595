#include "planner/cli/account_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "planner/cli/plan_text.h"
#include "planner/cli/quantity_text.h"
#include "planner/cli/table.h"

namespace galvatron {
namespace {

constexpr int kBarWidth = 24;
constexpr double kLeastShownShare = 5e-5;  // of the step; less is 0.00 %

std::string bar(double share) {
  std::string text;
  for (long i = 0; i < std::lround(share * kBarWidth); ++i) text += "█";
  return text;
}

// Longest first.
std::string parts_table(const StepParts& parts, Seconds step) {
  struct Part {
    std::string name;
    Seconds time;
  };
  std::vector<Part> shown;
  for_each_field(parts, [&](std::string_view name, Seconds time) {
    if (time > step * kLeastShownShare) shown.push_back({std::string(name), time});
  });
  std::stable_sort(shown.begin(), shown.end(),
                   [](const Part& one, const Part& other) { return one.time > other.time; });
  std::vector<Row> rows;
  for (const auto& [name, time] : shown) {
    rows.push_back({name, seconds_text(time), percent(time / step), bar(time / step)});
  }
  rows.push_back({"step", seconds_text(step), percent(1), ""});
  return table_text({{"part"}, {"time", Align::right}, {"share", Align::right}, {""}}, rows);
}

// How long the first ranks of the other stages wait for stages.
std::string waits_text(const StepAccount& account) {
  if (account.stages.size() < 2) return "";
  const auto [least, most] = std::minmax_element(
      account.stages.begin(), account.stages.end(),
      [](const StepParts& one, const StepParts& other) { return one.bubble < other.bubble; });
  return fmt::format(
      "Waiting for other stages takes {} of the step on the busiest stage and {} on "
      "stage {}, which waits most.\n",
      percent(least->bubble / account.step), percent(most->bubble / account.step),
      most - account.stages.begin());
}

// Columns: the parts that any stage has.
std::vector<bool> present_parts(const Prediction& prediction) {
  std::vector<bool> present;
  for (const StagePrediction& stage : prediction.stages) {
    std::size_t part = 0;
    for_each_field(stage.memory, [&](std::string_view, Bytes size) {
      if (part == present.size()) present.push_back(false);
      present[part] = present[part] || size.value != 0;
      ++part;
    });
  }
  return present;
}

// Neighbours that hold the same stand in one row.
std::string memory_table(const Prediction& prediction, Bytes budget) {
  const std::vector<bool> present = present_parts(prediction);
  std::vector<Column> columns{{"stage"}};
  std::vector<Row> rows;
  const auto& stages = prediction.stages;
  for (std::size_t first = 0; first < stages.size();) {
    std::size_t last = first;
    while (last + 1 < stages.size() && stages[last + 1].memory == stages[first].memory) ++last;
    Row row{range_text(static_cast<int>(first), static_cast<int>(last))};
    std::size_t part = 0;
    for_each_field(stages[first].memory, [&](std::string_view name, Bytes size) {
      if (!present[part++]) return;
      if (first == 0) columns.push_back({std::string(name), Align::right});
      row.push_back(bytes_text(size));
    });
    const Bytes used = total(stages[first].memory);
    row.insert(row.end(), {bytes_text(used), bytes_text(budget - used)});
    rows.push_back(row);
    first = last + 1;
  }
  columns.insert(columns.end(), {{"total", Align::right}, {"left", Align::right}});
  return table_text(columns, rows);
}

}  // namespace

std::string percent(double share) { return fmt::format("{:.2f} %", share * 100); }

std::string section_title(const std::string& text, const Terminal& terminal) {
  return fmt::format("\n{}\n", painted(terminal, Ink::bold, text));
}

std::string time_text(const Explanation& explanation, const Terminal& terminal) {
  const StepAccount& account = explanation.time;
  const bool is_published = explanation.plan.inputs->hardware.published.has_value();
  const std::string what =
      is_published
          ? "Where the step goes, by the formula of the published cost model"
          : fmt::format("Where the step goes, on a rank of stage {}, the busiest", account.busiest);
  return section_title(what, terminal) + parts_table(busiest_parts(account), account.step) +
         waits_text(account);
}

std::string memory_text(const Explanation& explanation, const Terminal& terminal) {
  const Bytes budget = explanation.plan.inputs->memory_budget;
  const BindingStage& binding = explanation.memory;
  const std::string room =
      binding.headroom.value < 0
          ? fmt::format("{} more than the budget", bytes_text(Bytes{} - binding.headroom))
          : fmt::format("{} below the budget", bytes_text(binding.headroom));
  return section_title(fmt::format("Memory per device, budget {}", bytes_text(budget)), terminal) +
         memory_table(explanation.plan.predicted, budget) +
         fmt::format("Stage {} binds first: it holds {}, {}; most of it is {} ({}).\n",
                     binding.stage, bytes_text(binding.used), room, binding.largest,
                     bytes_text(binding.largest_size));
}

}  // namespace galvatron
