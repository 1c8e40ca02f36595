#include "planner/schedule/trace.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "planner/schedule/price.h"
#include "test/catch.h"
#include "test/planner/plan/tiny_plans.h"

namespace galvatron {
namespace {

nlohmann::json events(const Plan& plan) {
  const LayerGraph graph = build_layer_graph(plan.model);
  return nlohmann::json::parse(
      chrome_trace(plan, graph, simulate(plan, graph).timeline, "predicted"))["traceEvents"];
}

Plan two_stages() {
  return tiny_plan({.layers_of_stage = {2, 2}, .strategy = {.data = 2}, .micro_batches = 2});
}

TEST_CASE("each stage is a process that is named") {
  std::vector<std::string> names;
  for (const auto& event : events(two_stages())) {
    if (event["name"] == "process_name") names.push_back(event["args"]["name"]);
  }
  CHECK(names ==
        std::vector<std::string>{"predicted, stage 0 (rank 0)", "predicted, stage 1 (rank 2)"});
}

TEST_CASE("the events are the simulated operations, in microseconds") {
  const Plan plan = two_stages();
  const LayerGraph graph = build_layer_graph(plan.model);
  const SimulatedStep step = simulate(plan, graph);
  double last = 0;
  std::size_t operations = 0;
  std::set<std::string> kinds;
  for (const auto& event : events(plan)) {
    if (event["ph"] != "X") continue;
    ++operations;
    kinds.insert(event["cat"].get<std::string>());
    last = std::max(last, event["ts"].get<double>() + event["dur"].get<double>());
  }
  CHECK(operations == step.timeline.size());
  CHECK(last == Approx(step.step.value * 1e6));
  for (const char* kind : {"forward", "backward", "send", "receive", "reduce", "update"}) {
    CHECK(kinds.count(kind) == 1);
  }
}

}  // namespace
}  // namespace galvatron
