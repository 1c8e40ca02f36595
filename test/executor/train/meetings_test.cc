#include "executor/train/meetings.h"

#include <algorithm>

#include "planner/schedule/price.h"
#include "test/catch.h"
#include "test/planner/plan/tiny_plans.h"

namespace galvatron {
namespace {

struct Measured {
  Plan plan;
  LayerGraph graph;
  RankProgram programs[2];
};

Measured two_stages() {
  Measured measured{
      .plan = tiny_plan({.layers_of_stage = {2, 2}, .strategy = {.data = 2}, .micro_batches = 3}),
      .graph = {},
      .programs = {}};
  measured.graph = build_layer_graph(measured.plan.model);
  measured.programs[0] = build_rank_program(measured.plan, measured.graph, 0);
  measured.programs[1] = build_rank_program(measured.plan, measured.graph, 2);
  return measured;
}

int first(const RankProgram& program, OpKind kind, Part part) {
  const auto found = std::find_if(program.begin(), program.end(),
                                  [&](const Op& op) { return op.kind == kind && op.part == part; });
  REQUIRE(found != program.end());
  return static_cast<int>(found - program.begin());
}

Activity during(int stage, int op, double begin, double end) {
  return {.stage = stage, .op = op, .begin = {begin}, .end = {end}};
}

std::vector<double> begins(const std::vector<Activity>& timeline) {
  std::vector<double> result;
  for (const Activity& activity : timeline) result.push_back(activity.begin.value);
  return result;
}

TEST_CASE("a simulated step waits for nobody in its operations") {
  const Measured what = two_stages();
  const std::vector<Activity> timeline = simulate(what.plan, what.graph).timeline;
  CHECK(without_waits(timeline, what.plan, what.graph) == timeline);
}

TEST_CASE("the norm of all stages begins with the last of them, in every step") {
  const Measured what = two_stages();
  const int norm0 = first(what.programs[0], OpKind::reduce_norm, Part::whole);
  const int norm1 = first(what.programs[1], OpKind::reduce_norm, Part::whole);
  const std::vector<Activity> timeline{during(0, norm0, 7, 8), during(0, norm0, 20, 26),
                                       during(1, norm1, 2, 8), during(1, norm1, 25, 26)};
  CHECK(begins(without_waits(timeline, what.plan, what.graph)) ==
        std::vector<double>{7, 25, 7, 25});
}

TEST_CASE("a transfer begins when sender and receiver are there") {
  const Measured what = two_stages();
  const int send = first(what.programs[0], OpKind::send, Part::start);
  const int sent = first(what.programs[0], OpKind::send, Part::wait);
  const bool in_parts = std::any_of(
      what.programs[1].begin(), what.programs[1].end(),
      [](const Op& op) { return op.kind == OpKind::receive && op.part == Part::start; });
  const int receive =
      first(what.programs[1], OpKind::receive, in_parts ? Part::start : Part::whole);
  const std::vector<Activity> timeline{during(0, send, 5, 6), during(0, sent, 9, 10),
                                       during(1, receive, 1, 10)};
  CHECK(begins(without_waits(timeline, what.plan, what.graph)) == std::vector<double>{5, 9, 5});
}

TEST_CASE("what a stage does alone is left as it is") {
  const Measured what = two_stages();
  const int update0 = first(what.programs[0], OpKind::update, Part::whole);
  const int update1 = first(what.programs[1], OpKind::update, Part::whole);
  const std::vector<Activity> timeline{during(0, update0, 7, 8), during(1, update1, 2, 3)};
  CHECK(without_waits(timeline, what.plan, what.graph) == timeline);
}

}  // namespace
}  // namespace galvatron
