#include "planner/cli/causes_text.h"

#include <fmt/format.h>

#include <vector>

#include "planner/cli/answer_text.h"
#include "planner/cli/quantity_text.h"
#include "planner/cli/table.h"

namespace galvatron {
namespace {

std::string exchange_text(const Exchange& exchange) {
  if (exchange.before.empty() && exchange.after.empty()) return exchange.what;
  const auto shown = [](const std::string& value) { return value.empty() ? "absent" : value; };
  return fmt::format("{} {} -> {}", exchange.what, shown(exchange.before), shown(exchange.after));
}

// One row per exchange; what was exchanged together has its numbers beside the last.
std::vector<Row> rows_of(const Cause& cause, Seconds before) {
  std::vector<Row> rows;
  for (const Exchange& exchange : cause.exchanged) {
    rows.push_back({(rows.empty() ? "" : "and ") + exchange_text(exchange), "", ""});
  }
  rows.back()[1] = change_text(cause.change);
  rows.back()[2] = fmt::format("{:+.2f} %", cause.change / before * 100);
  return rows;
}

std::string table_of(const StepCauses& causes) {
  std::vector<Row> rows;
  const auto add = [&](const Cause& cause) {
    const std::vector<Row> more = rows_of(cause, causes.before);
    rows.insert(rows.end(), more.begin(), more.end());
  };
  for (const Cause& cause : causes.causes) {
    if (cause.change.value != 0) add(cause);
  }
  add({.exchanged = {{.what = "together", .before = {}, .after = {}}},
       .change = causes.after - causes.before});
  return table_text({{"cause"}, {"step", Align::right}, {"of the first", Align::right}}, rows);
}

std::string without_effect_text(const StepCauses& causes) {
  std::vector<std::string> names;
  for (const Cause& cause : causes.causes) {
    if (cause.change.value != 0) continue;
    for (const Exchange& exchange : cause.exchanged) names.push_back(exchange_text(exchange));
  }
  return names.empty() ? "" : fmt::format("without effect: {}\n", fmt::join(names, ", "));
}

Json exchange_json(const Exchange& exchange) {
  return {{"what", exchange.what}, {"before", exchange.before}, {"after", exchange.after}};
}

}  // namespace

std::string causes_text(const StepCauses& causes) {
  if (!causes.unavailable.empty()) {
    return "the change of the step is not attributed to causes: " + causes.unavailable + "\n";
  }
  return fmt::format("step {} -> {} ({}), exchanged in this order:\n{}{}", step_text(causes.before),
                     step_text(causes.after), longer_text(causes.before, causes.after),
                     table_of(causes), without_effect_text(causes));
}

Json causes_json(const StepCauses& causes) {
  if (!causes.unavailable.empty()) return {{"unavailable", causes.unavailable}};
  Json json = {{"before_seconds", causes.before.value}, {"after_seconds", causes.after.value}};
  json["causes"] = Json::array();
  for (const Cause& cause : causes.causes) {
    Json exchanged = Json::array();
    for (const Exchange& exchange : cause.exchanged) exchanged.push_back(exchange_json(exchange));
    json["causes"].push_back({{"exchanged", exchanged}, {"change_seconds", cause.change.value}});
  }
  return json;
}

}  // namespace galvatron
