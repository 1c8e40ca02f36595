#include "planner/schedule/trace.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "planner/plan/placement.h"
#include "planner/schedule/channel.h"

namespace galvatron {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kMicroseconds = 1e6;

std::string name_of_op(const Op& op, const LayerGraph& graph) {
  std::string name(name_of(kOpNames, op.kind));
  if (is_transfer(op)) {
    name += op.direction == Direction::forward ? " activation" : " gradient";
  }
  if (op.layer >= 0 && op.layer < layer_count(graph)) {
    name += fmt::format(" {} {}", op.layer, layer_at(graph, op.layer).type);
  }
  return name;
}

Json details(const Op& op) {
  Json json = Json::object();
  if (op.layer >= 0) json["layer"] = op.layer;
  if (op.micro_batch >= 0) json["micro_batch"] = op.micro_batch;
  if (op.part != Part::whole) json["part"] = name_of(kPartNames, op.part);
  if (communicates(op)) {
    json["collective"] = name_of(kCollectiveNames, op.collective);
    json["payload_bytes"] = op.payload.value;
  }
  return json;
}

Json label(const char* what, const std::pair<int, int>& lane, const std::string& name) {
  return {{"name", what},
          {"ph", "M"},
          {"pid", lane.first},
          {"tid", lane.second},
          {"args", {{"name", name}}}};
}

Json event(const Activity& activity, const Op& op, const LayerGraph& graph) {
  return {{"name", name_of_op(op, graph)},
          {"cat", name_of(kOpNames, op.kind)},
          {"ph", "X"},
          {"pid", activity.stage},
          {"tid", static_cast<int>(activity.stream)},
          {"ts", activity.begin.value * kMicroseconds},
          {"dur", (activity.end - activity.begin).value * kMicroseconds},
          {"args", details(op)}};
}

}  // namespace

std::string chrome_trace(const Plan& plan, const LayerGraph& graph,
                         const std::vector<Activity>& timeline, const std::string& made_by) {
  std::vector<RankProgram> programs;
  Json events = Json::array();
  for (int stage = 0; stage < pipeline_degree(plan); ++stage) {
    const int first = first_rank(plan, stage);
    programs.push_back(build_rank_program(plan, graph, first));
    events.push_back(label("process_name", {stage, 0},
                           fmt::format("{}, stage {} (rank {})", made_by, stage, first)));
  }
  std::set<std::pair<int, int>> lanes;
  for (const Activity& activity : timeline) {
    const std::pair lane(activity.stage, static_cast<int>(activity.stream));
    if (!lanes.insert(lane).second) continue;
    events.push_back(
        label("thread_name", lane, std::string(name_of(kStreamNames, activity.stream))));
  }
  for (const Activity& activity : timeline) {
    const RankProgram& program = programs[static_cast<std::size_t>(activity.stage)];
    events.push_back(event(activity, program[static_cast<std::size_t>(activity.op)], graph));
  }
  const Json trace{{"displayTimeUnit", "ms"}, {"traceEvents", std::move(events)}};
  return trace.dump(0) + "\n";
}

}  // namespace galvatron
