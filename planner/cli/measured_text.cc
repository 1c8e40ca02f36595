#include "planner/cli/measured_text.h"

#include <fmt/format.h>

#include "planner/cli/quantity_text.h"
#include "planner/cli/table.h"

namespace galvatron {
namespace {

std::string percent(double measured, double predicted) {
  return predicted > 0 ? fmt::format("{:+.1f} %", 100 * (measured / predicted - 1)) : "";
}

Row time_row(const char* name, Seconds predicted, Seconds measured) {
  return {name, seconds_text(predicted), seconds_text(measured),
          percent(measured.value, predicted.value)};
}

}  // namespace

std::string measured_text(const MeasuredRun& run) {
  std::vector<Row> rows{time_row("step", run.predicted, run.median),
                        time_row("fastest step", run.predicted, run.fastest)};
  for (std::size_t stage = 0; stage < run.stages.size(); ++stage) {
    const StageBytes& bytes = run.stages[stage];
    rows.push_back({fmt::format("tensors of stage {}", stage), bytes_text(bytes.predicted),
                    bytes_text(bytes.counted),
                    percent(static_cast<double>(bytes.counted.value),
                            static_cast<double>(bytes.predicted.value))});
  }
  return table_text({{fmt::format("{} steps", run.steps)},
                     {"predicted", Align::right},
                     {"measured", Align::right},
                     {"", Align::right}},
                    rows);
}

Json measured_json(const MeasuredRun& run) {
  Json json;
  json["step_seconds"] = {{"predicted", run.predicted.value},
                          {"measured", run.median.value},
                          {"fastest", run.fastest.value}};
  json["steps"] = run.steps;
  json["stages"] = Json::array();
  for (const StageBytes& bytes : run.stages) {
    json["stages"].push_back(
        {{"predicted_bytes", bytes.predicted.value}, {"counted_bytes", bytes.counted.value}});
  }
  return json;
}

}  // namespace galvatron
