#include "planner/review/measured_run.h"

#include "planner/files/spec_error.h"
#include "test/catch.h"
#include "test/planner/plan/tiny_plans.h"

namespace galvatron {
namespace {

Plan predicted_plan() {
  Plan plan = tiny_plan({.layers_of_stage = {4}, .strategy = {.data = 2}});
  plan.predicted = {.step = {0.2}, .closed_form = {0.2}, .stages = {{{0.1}, {}}}};
  plan.predicted.stages[0].memory = {
      .parameters = {100}, .activations = {20}, .context = {1000}, .reserve = {500}};
  return plan;
}

TEST_CASE("a run stands beside its plan without its first steps") {
  const RunLog log{.steps = {{9}, {8}, {0.3}, {0.25}, {0.35}}, .stage_peaks = {{118}}};
  const MeasuredRun run = beside(predicted_plan(), log, "run.jsonl");
  CHECK(run.median.value == 0.3);
  CHECK(run.fastest.value == 0.25);
  CHECK(run.steps == 3);
  CHECK(run.stages == std::vector<StageBytes>{{.predicted = {120}, .counted = {118}}});
}

TEST_CASE("what the peaks were for stands beside its prediction") {
  const RunLog log{.steps = {{1}},
                   .stage_peaks = {{118}},
                   .stage_parts = {{.parameters = {99}, .activations = {17}, .transient = {2}}}};
  const MeasuredRun run = beside(predicted_plan(), log, "run.jsonl");
  CHECK(run.stages.front().parts == std::vector<PartBytes>{{"parameters", {100}, {99}},
                                                           {"gradients", {0}, {0}},
                                                           {"optimizer", {0}, {0}},
                                                           {"activations", {20}, {17}},
                                                           {"transient", {0}, {2}}});
}

TEST_CASE("operations stand beside each other by stage, those of one side too") {
  const OpTimes predicted{{{OpKind::forward, {2}}, {OpKind::free_parameters, {0}}}, {}};
  const OpTimes measured{{{OpKind::forward, {3}}}, {{OpKind::update, {1}}}};
  CHECK(beside(predicted, measured) ==
        std::vector<std::vector<OpSeconds>>{{{"forward", {2}, {3}}}, {{"update", {0}, {1}}}});
}

TEST_CASE("the log of another plan is refused") {
  const RunLog log{.steps = {{1}}, .stage_peaks = {{1}, {2}}};
  CHECK_THROWS_AS(beside(predicted_plan(), log, "run.jsonl"), SpecError);
}

}  // namespace
}  // namespace galvatron
