#include "planner/cli/measured_text.h"

#include <fmt/format.h>

#include "planner/cli/quantity_text.h"
#include "planner/cli/table.h"

namespace galvatron {
namespace {

std::string percent(double measured, double predicted) {
  return predicted > 0 ? fmt::format("{:+.1f} %", 100 * (measured / predicted - 1)) : "";
}

Row time_row(const std::string& name, Seconds predicted, Seconds measured) {
  return {name, seconds_text(predicted), seconds_text(measured),
          percent(measured.value, predicted.value)};
}

Row bytes_row(const std::string& name, Bytes predicted, Bytes counted) {
  return {name, bytes_text(predicted), bytes_text(counted),
          percent(static_cast<double>(counted.value), static_cast<double>(predicted.value))};
}

Json compared_json(Bytes predicted, Bytes counted) {
  return {{"predicted_bytes", predicted.value}, {"counted_bytes", counted.value}};
}

}  // namespace

std::string measured_text(const MeasuredRun& run) {
  std::vector<Row> rows{time_row("step", run.predicted, run.median),
                        time_row("fastest step", run.predicted, run.fastest)};
  for (std::size_t stage = 0; stage < run.stages.size(); ++stage) {
    const StageBytes& bytes = run.stages[stage];
    rows.push_back(
        bytes_row(fmt::format("tensors of stage {}", stage), bytes.predicted, bytes.counted));
    for (const PartBytes& part : bytes.parts) {
      rows.push_back(bytes_row(fmt::format("  {}", part.name), part.predicted, part.counted));
    }
  }
  for (std::size_t stage = 0; stage < run.operations.size(); ++stage) {
    for (const OpSeconds& times : run.operations[stage]) {
      rows.push_back(time_row(fmt::format("{} of stage {}", times.name, stage), times.predicted,
                              times.measured));
    }
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
    Json stage = compared_json(bytes.predicted, bytes.counted);
    for (const PartBytes& part : bytes.parts) {
      stage["parts"][std::string(part.name)] = compared_json(part.predicted, part.counted);
    }
    json["stages"].push_back(std::move(stage));
  }
  for (std::size_t stage = 0; stage < run.operations.size(); ++stage) {
    for (const OpSeconds& times : run.operations[stage]) {
      json["stages"][stage]["operation_seconds"][std::string(times.name)] = {
          {"predicted", times.predicted.value}, {"measured", times.measured.value}};
    }
  }
  return json;
}

}  // namespace galvatron
