#include "planner/cli/plan_json.h"

#include "test/catch.h"
#include "test/planner/cli/tiny_plan.h"

namespace galvatron {
namespace {

TEST_CASE("the JSON of a plan holds the keys that programs rely on") {
  const Json json = plan_json(tiny_plan());
  CHECK(json["step_seconds"] == 0.010);
  CHECK(json["closed_form_seconds"] == 0.011);
  CHECK(json["samples_per_second"] == Approx(400));
  CHECK(json["micro_batches"] == 2);
  CHECK(json["pipeline"] == 2);
  CHECK(json["peak_bytes"] == 4 * kMiB.value);
  CHECK(json["stages"][1]["layers"] == Json({2, 3}));
  CHECK(json["stages"][1]["devices"] == Json({2, 3}));
  CHECK(json["stages"][0]["memory"]["transient"] == kMiB.value);
  CHECK(json["strategies"].size() == 4);
  CHECK(json["strategies"][2] == Json{{"layer", 2},
                                      {"tensor", 1},
                                      {"data", 2},
                                      {"order", "tensor_inner"},
                                      {"zero", 1},
                                      {"sequence_parallel", false},
                                      {"recompute", "full"}});
  CHECK(json["certificate"]["gap"] == 0.05);
}

TEST_CASE("without inputs there is no budget to fit") {
  CHECK_FALSE(plan_json(tiny_plan()).contains("fits"));
  Plan plan = tiny_plan();
  plan.inputs = PlanInputs{.memory_budget = 3 * kMiB};
  CHECK(plan_json(plan)["fits"] == false);
  plan.inputs->memory_budget = 4 * kMiB;
  CHECK(plan_json(plan)["fits"] == true);
}

}  // namespace
}  // namespace galvatron
