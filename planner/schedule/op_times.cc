#include "planner/schedule/op_times.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "planner/files/spec_error.h"
#include "planner/plan/placement.h"

namespace galvatron {
namespace {

using Json = nlohmann::json;

[[noreturn]] void refuse(const std::string& path, const std::string& message) {
  throw SpecError(Diagnostic{.code = "bad_trace", .message = message, .file = path});
}

// What some steps took, and how many forwards the first stage did in them.
struct TracedSteps {
  OpTimes times;
  std::int64_t forwards = 0;
};

void add_event(const Json& event, TracedSteps& traced) {
  if (event.at("ph") != "X") return;
  const auto kind = value_of(kOpNames, event.at("cat").get<std::string>());
  const auto stage = event.at("pid").get<std::size_t>();
  if (!kind || stage >= traced.times.size()) throw std::out_of_range("of another plan");
  traced.times[stage][*kind] += Seconds{event.at("dur").get<double>() * 1e-6};
  if (stage == 0 && *kind == OpKind::forward) ++traced.forwards;
}

std::int64_t forwards_of_a_step(const Plan& plan, const LayerGraph& graph) {
  const RankProgram program = build_rank_program(plan, graph, first_rank(plan, 0));
  return std::count_if(program.begin(), program.end(),
                       [](const Op& op) { return op.kind == OpKind::forward; });
}

}  // namespace

OpTimes op_times(const Plan& plan, const LayerGraph& graph, const SimulatedStep& step) {
  OpTimes times(plan.stages.size());
  std::vector<RankProgram> programs;
  for (int stage = 0; stage < pipeline_degree(plan); ++stage) {
    programs.push_back(build_rank_program(plan, graph, first_rank(plan, stage)));
  }
  for (const Activity& activity : step.timeline) {
    const auto stage = static_cast<std::size_t>(activity.stage);
    const Op& op = programs[stage][static_cast<std::size_t>(activity.op)];
    times[stage][op.kind] += activity.end - activity.begin;
  }
  return times;
}

OpTimes read_op_times(const std::string& path, const Plan& plan, const LayerGraph& graph) {
  std::ifstream file(path);
  if (!file) refuse(path, "cannot be read");
  TracedSteps traced{.times = OpTimes(plan.stages.size())};
  try {
    const Json trace = Json::parse(file);
    for (const Json& event : trace.at("traceEvents")) add_event(event, traced);
  } catch (const Json::exception& error) {
    refuse(path,
           fmt::format("must be a Chrome trace, as galvatron-exec train --trace writes it: {}",
                       error.what()));
  } catch (const std::out_of_range&) {
    refuse(path, fmt::format("holds an operation that is none of the plan's {} stages",
                             plan.stages.size()));
  }
  const std::int64_t of_a_step = forwards_of_a_step(plan, graph);
  if (traced.forwards == 0 || traced.forwards % of_a_step != 0) {
    refuse(path, fmt::format("holds {} forwards of the first stage, and a step of the plan has {}",
                             traced.forwards, of_a_step));
  }
  const auto steps = static_cast<double>(traced.forwards / of_a_step);
  for (std::map<OpKind, Seconds>& stage : traced.times) {
    for (auto& [kind, time] : stage) time = time / steps;
  }
  return traced.times;
}

}  // namespace galvatron
