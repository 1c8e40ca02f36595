#include "planner/cli/sweep_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "planner/cli/infeasible.h"
#include "planner/cli/plan_text.h"
#include "planner/cli/quantity_text.h"
#include "planner/cli/table.h"
#include "planner/files/quantity.h"

namespace galvatron {
namespace {

const char* outcome_word(const SweepPoint& point) {
  if (point.plan) return point.end == SearchEnd::finished ? "plan" : "best_so_far";
  if (point.end == SearchEnd::finished) return "infeasible";
  return point.origin == SweepOrigin::none ? "not_reached" : "stopped";
}

const char* origin_word(SweepOrigin origin) {
  switch (origin) {
    case SweepOrigin::searched:
      return "searched";
    case SweepOrigin::larger_budget:
      return "larger_budget";
    case SweepOrigin::none:
      return "none";
  }
  return "";
}

// Why a point has no plan.
std::string reason(const SweepPoint& point) {
  if (point.end != SearchEnd::finished) {
    return point.origin == SweepOrigin::none ? "not reached in time" : "stopped before a plan";
  }
  if (point.shortfalls.empty()) return "no strategy divides the model and its samples";
  const Shortfall& least = least_shortfall(point.shortfalls);
  return fmt::format("nothing fits; pipeline {}: {}", least.pipeline, shortfall_text(least));
}

// The strategy of most layers, and of how many.
std::string common_strategy(const Plan& plan) {
  std::map<std::string, int> counts;
  for (const Strategy& strategy : plan.strategies) ++counts[strategy_text(strategy)];
  const auto most = std::max_element(counts.begin(), counts.end(), [](auto& one, auto& other) {
    return one.second < other.second;
  });
  if (counts.size() == 1) return most->first;
  return fmt::format("{} ({} of {} layers)", most->first, most->second, plan.strategies.size());
}

std::string gap_text(const Certificate& certificate) {
  return certificate.optimal ? "optimal" : fmt::format("{:.2g} %", certificate.gap * 100);
}

Row text_row(const SweepPoint& point) {
  Row row{point.is_pareto ? "*" : "", fmt::format("{}", point.nodes),
          fmt::format("{}", point.devices), fmt::format("{}", point.global_batch),
          bytes_text(point.memory_budget)};
  if (!point.plan) {
    row.resize(10);
    row.push_back(reason(point));
    return row;
  }
  const Plan& plan = *point.plan;
  row.insert(row.end(), {number3(samples_per_second(plan)), seconds_text(plan.predicted.step),
                         bytes_text(peak_bytes(plan)),
                         fmt::format("{} x {}", pipeline_degree(plan), plan.micro_batches),
                         gap_text(*plan.certificate), common_strategy(plan)});
  return row;
}

std::string statistics_line(const SweepOutcome& outcome) {
  const SweepStatistics& statistics = outcome.statistics;
  return fmt::format(
      "{} in {}: {} searched, {} kept the plan of a larger budget, {} known not to fit from "
      "a larger budget\n",
      plural(static_cast<std::int64_t>(outcome.points.size()), "point"),
      seconds_text(outcome.elapsed), statistics.searches, statistics.kept_plans,
      statistics.known_infeasible);
}

// A named value of one point, as it stands in the CSV and, unless empty, in the JSON.
using Field = std::pair<const char*, Json>;

std::vector<Field> point_fields(const SweepPoint& point) {
  return {{"nodes", point.nodes},
          {"devices", point.devices},
          {"global_batch", point.global_batch},
          {"memory_budget_bytes", point.memory_budget.value},
          {"outcome", outcome_word(point)},
          {"origin", origin_word(point.origin)},
          {"pareto_optimal", point.is_pareto}};
}

std::vector<Field> plan_fields(const SweepPoint& point) {
  if (!point.plan) {
    std::vector<Field> fields;
    for (const char* name :
         {"samples_per_second", "step_seconds", "closed_form_seconds", "peak_bytes", "schedule",
          "pipeline", "micro_batches", "strategy", "optimal", "lower_bound_seconds", "gap"}) {
      fields.emplace_back(name, nullptr);
    }
    fields.emplace_back("reason", reason(point));
    return fields;
  }
  const Plan& plan = *point.plan;
  return {{"samples_per_second", samples_per_second(plan)},
          {"step_seconds", plan.predicted.step.value},
          {"closed_form_seconds", plan.predicted.closed_form.value},
          {"peak_bytes", peak_bytes(plan).value},
          {"schedule", name_of(kScheduleNames, plan.schedule)},
          {"pipeline", pipeline_degree(plan)},
          {"micro_batches", plan.micro_batches},
          {"strategy", common_strategy(plan)},
          {"optimal", plan.certificate->optimal},
          {"lower_bound_seconds", plan.certificate->lower_bound.value},
          {"gap", plan.certificate->gap},
          {"reason", nullptr}};
}

std::vector<Field> fields_of(const SweepPoint& point) {
  std::vector<Field> fields = point_fields(point);
  const std::vector<Field> more = plan_fields(point);
  fields.insert(fields.end(), more.begin(), more.end());
  return fields;
}

std::string csv_cell(const Json& value) {
  if (value.is_null()) return "";
  if (value.is_string()) {
    const auto text = value.get<std::string>();
    return text.find(',') == std::string::npos ? text : '"' + text + '"';
  }
  return value.dump();
}

}  // namespace

std::string sweep_text(const SweepOutcome& outcome) {
  std::vector<Row> rows;
  for (const SweepPoint& point : outcome.points) rows.push_back(text_row(point));
  return table_text({{" "},
                     {"nodes", Align::right},
                     {"devices", Align::right},
                     {"batch", Align::right},
                     {"budget", Align::right},
                     {"samples/s", Align::right},
                     {"step", Align::right},
                     {"peak", Align::right},
                     {"stages x micro-batches"},
                     {"gap", Align::right},
                     {"strategy of most layers"}},
                    rows) +
         "\n* no other point has more samples/s with no more memory and devices\n" +
         statistics_line(outcome);
}

std::string sweep_csv(const SweepOutcome& outcome) {
  std::vector<const char*> names;
  for (const Field& field : fields_of(outcome.points.front())) names.push_back(field.first);
  std::string text = fmt::format("{}\n", fmt::join(names, ","));
  for (const SweepPoint& point : outcome.points) {
    std::vector<std::string> cells;
    for (const Field& field : fields_of(point)) cells.push_back(csv_cell(field.second));
    text += fmt::format("{}\n", fmt::join(cells, ","));
  }
  return text;
}

Json sweep_json(const SweepOutcome& outcome) {
  Json json{{"points", Json::array()}};
  for (const SweepPoint& point : outcome.points) {
    Json& row = json["points"].emplace_back(Json::object());
    for (const auto& [name, value] : fields_of(point)) {
      if (!value.is_null()) row[name] = value;
    }
  }
  const SweepStatistics& statistics = outcome.statistics;
  json["sweep"] = {{"points", outcome.points.size()},
                   {"searches", statistics.searches},
                   {"kept_plans", statistics.kept_plans},
                   {"known_infeasible", statistics.known_infeasible},
                   {"pairs", statistics.pairs}};
  json["search_seconds"] = outcome.elapsed.value;
  return json;
}

}  // namespace galvatron
