#include <algorithm>

#include "planner/model/model_file.h"
#include "planner/plan/hardware_yaml.h"
#include "planner/review/explain.h"
#include "planner/review/published_account.h"
#include "planner/review/why_not.h"
#include "planner/schedule/price.h"
#include "test/catch.h"

namespace galvatron {
namespace {

const std::string kProfiles = GALVATRON_SOURCE_PROFILES;

// The published answer for BERT-Huge-32 in 12 GiB, batch 16, on 1.36 s a step.
Plan best_bert(Bytes budget) {
  Plan plan;
  plan.model = read_model(kProfiles + "/../examples/bert/bert_huge_32.yaml").model;
  plan.job.global_batch = 16;
  plan.devices = 8;
  const PlanInputs inputs{.hardware = read_hardware(kProfiles + "/rtx_titan_8_published.yaml"),
                          .memory_budget = budget,
                          .search = {.only = {}, .gap = 0}};
  const Answer answer = search_again(plan, inputs, {});
  REQUIRE(answer.plan);
  return *answer.plan;
}

TEST_CASE("the parts of the published formula add up to its step") {
  const Plan best = best_bert(12 * kGiB);
  CHECK(best.predicted.step.value == Approx(1.3597922641847577).epsilon(1e-9).margin(0));
  for (const int pipeline : {1, 2, 4, 8}) {
    PlanInputs inputs = *best.inputs;
    inputs.memory_budget = 100 * kGiB;
    for (const char* zero : {"0", "3"}) {
      inputs.search.only = {{"pipeline", {std::to_string(pipeline)}}, {"zero", {zero}}};
      const Plan plan = *search_again(best, inputs, {}).plan;
      const StepParts parts = published_parts(plan, build_layer_graph(plan.model));
      CHECK(total(parts).value == Approx(plan.predicted.step.value).epsilon(1e-12).margin(0));
      CHECK((pipeline == 1) == (parts.bubble.value == 0));
    }
  }
}

TEST_CASE("a published plan is explained as far as its cost model goes") {
  const Plan plan = best_bert(12 * kGiB);
  const Explanation explanation = explain(plan, {});
  CHECK_FALSE(explanation.best);
  REQUIRE(explanation.pipelines.size() == 4);
  for (const auto& [pipeline, answer] : explanation.pipelines) {
    if (answer.plan) CHECK(answer.plan->predicted.step >= plan.predicted.step);
  }
  for (const Baseline& one : explanation.baselines) {
    if (!one.answer.plan) continue;
    CHECK(one.answer.plan->predicted.step >= plan.predicted.step);
    const std::vector<Strategy>& all = one.answer.plan->strategies;
    CHECK(std::all_of(all.begin() + 1, all.end() - 1,
                      [&](const Strategy& strategy) { return strategy == all[1]; }));
  }
  std::vector<std::string> resources;
  for (const ShadowPrice& price : explanation.prices) {
    resources.push_back(price.resource);
    CHECK(improved_step(price) <= plan.predicted.step);
  }
  CHECK(resources == std::vector<std::string>{"memory_budget", "published.ring_ms_per_mib",
                                              "published.models.layers.forward_ms"});
}

TEST_CASE("pure data parallel replicas do not fit where the published answer needs a pipeline") {
  const Explanation explanation = explain(best_bert(12 * kGiB), {});
  const Answer& answer = explanation.baselines.front().answer;
  CHECK_FALSE(answer.plan);
  REQUIRE(answer.shortfalls.size() == 1);
  CHECK(answer.shortfalls[0].least > 12 * kGiB);
}

TEST_CASE("axes that the published space does not have are problems") {
  const Plan plan = best_bert(12 * kGiB);
  CHECK(problem_of(*plan.inputs, {"recompute", {"full"}})->message ==
        "the published space has no axis recompute");
  const WhyNot result = why_not(plan, {"zero", {"3"}}, {});
  REQUIRE(result.answer.plan);
  CHECK(result.answer.plan->predicted.step >= plan.predicted.step);
}

}  // namespace
}  // namespace galvatron
