#include "planner/schedule/op_times.h"

#include "cost_models/layer_cost.h"
#include "planner/schedule/op_cost.h"
#include "planner/schedule/price.h"
#include "planner/schedule/trace.h"
#include "test/catch.h"
#include "test/planner/files/error_text.h"
#include "test/planner/files/temporary_folder.h"
#include "test/planner/plan/tiny_plans.h"

namespace galvatron {
namespace {

struct Simulated {
  Plan plan;
  LayerGraph graph;
  SimulatedStep step;
};

Simulated two_stages() {
  Simulated simulated{
      .plan = tiny_plan({.layers_of_stage = {2, 2}, .strategy = {.data = 2}, .micro_batches = 3}),
      .graph = {},
      .step = {}};
  simulated.graph = build_layer_graph(simulated.plan.model);
  simulated.step = simulate(simulated.plan, simulated.graph);
  return simulated;
}

std::string trace_of(const Simulated& what, const std::vector<Activity>& timeline) {
  return chrome_trace(what.plan, what.graph, timeline, "measured");
}

TEST_CASE("the operations of a step add up by stage and kind") {
  const Simulated one = two_stages();
  const OpTimes times = op_times(one.plan, one.graph, one.step);
  REQUIRE(times.size() == 2);
  Seconds all;
  for (const auto& stage : times) {
    for (const auto& [kind, time] : stage) all += time;
  }
  Seconds expected;
  for (const Activity& activity : one.step.timeline) expected += activity.end - activity.begin;
  CHECK(all.value == Approx(expected.value));
  CHECK(times[0].at(OpKind::forward) > Seconds{});
  CHECK(times[0].contains(OpKind::send));
}

TEST_CASE("the pass over the gradients for their norm is the norm's, not the updates'") {
  const Simulated one = two_stages();
  const Seconds overhead = step_overhead(cluster_of(one.plan));
  const std::int64_t update = one.plan.inputs->runtime.update[one.plan.job.precision]->optimizer;
  for (const auto& stage : op_times(one.plan, one.graph, one.step)) {
    const Seconds norm = stage.at(OpKind::reduce_norm) - overhead;
    CHECK(norm.value ==
          Approx(stage.at(OpKind::update).value * 4 / static_cast<double>(update - 4)));
  }
}

TEST_CASE("a trace of several steps reads as the mean of them") {
  const Simulated one = two_stages();
  std::vector<Activity> twice = one.step.timeline;
  for (Activity activity : one.step.timeline) {
    activity.end += activity.end - activity.begin;  // twice as long in the second step
    twice.push_back(activity);
  }
  const TemporaryFolder folder;
  const std::string path = folder.write("trace.json", trace_of(one, twice));
  const OpTimes expected = op_times(one.plan, one.graph, one.step);
  const OpTimes times = read_op_times(path, one.plan, one.graph);
  REQUIRE(times.size() == expected.size());
  for (std::size_t stage = 0; stage < times.size(); ++stage) {
    REQUIRE(times[stage].size() == expected[stage].size());
    for (const auto& [kind, time] : expected[stage]) {
      CHECK(times[stage].at(kind).value == Approx(1.5 * time.value));
    }
  }
}

TEST_CASE("the trace of another plan, and what is no trace, are refused") {
  const Simulated one = two_stages();
  const TemporaryFolder folder;
  const auto error_of = [&](const std::string& text, const Plan& plan) {
    const std::string path = folder.write("trace.json", text);
    return error_text([&] { read_op_times(path, plan, build_layer_graph(plan.model)); });
  };
  const std::string trace = trace_of(one, one.step.timeline);
  CHECK(error_of(trace, one.plan) == "no error");
  const Plan flat = tiny_plan({.layers_of_stage = {4}, .strategy = {.data = 2}});
  CHECK_THAT(error_of(trace, flat),
             Catch::Contains("holds an operation that is none of the plan's 1 stages"));
  const Plan more =
      tiny_plan({.layers_of_stage = {2, 2}, .strategy = {.data = 2}, .micro_batches = 4});
  CHECK_THAT(error_of(trace, more),
             Catch::Contains("holds 6 forwards of the first stage, and a step of the plan has 8"));
  CHECK_THAT(error_of("[1", one.plan), Catch::Contains("must be a Chrome trace"));
  CHECK_THAT(error_text([&] { read_op_times(folder.path("none"), one.plan, one.graph); }),
             Catch::Contains("cannot be read"));
}

}  // namespace
}  // namespace galvatron
