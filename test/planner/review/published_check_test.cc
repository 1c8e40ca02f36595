#include "planner/model/model_file.h"
#include "planner/plan/diff.h"
#include "planner/plan/hardware_yaml.h"
#include "planner/plan/plan_yaml.h"
#include "planner/plan/published_plan.h"
#include "planner/plan/published_profile.h"
#include "planner/review/check.h"
#include "planner/schedule/price.h"
#include "test/catch.h"

namespace galvatron {
namespace {

using Findings = std::vector<Finding>;

const std::string kProfiles = GALVATRON_SOURCE_PROFILES;

PlanInputs published_inputs() {
  return {.hardware = read_hardware(kProfiles + "/rtx_titan_8_published.yaml"),
          .memory_budget = 12 * kGiB,
          .search = {.only = {}, .gap = 0}};
}

// BERT-Huge-32 in 12 GiB: batch 16 on two stages, tensor 2, data 2 of neighbouring ranks.
Plan published_bert() {
  const Model model = read_model(kProfiles + "/../examples/bert/bert_huge_32.yaml").model;
  const LayerGraph graph = build_layer_graph(model);
  const PlanInputs inputs = published_inputs();
  const PublishedCosts& costs = *inputs.hardware.published;
  const PublishedMatch match = match_published(costs, model, graph);
  REQUIRE(match.model != nullptr);
  const Strategy strategy{.tensor = 2, .data = 2, .order = Order::data_inner};
  const PublishedAssignment assignment{{0, 16}, std::vector<Strategy>(32, strategy)};
  const PublishedSetting setting{costs, *match.model, 2, 16};
  Plan plan = published_plan(model, graph, {setting, assignment, inputs});
  plan.predicted = price(plan, graph);
  plan.certificate = Certificate{.optimal = true, .lower_bound = plan.predicted.closed_form};
  return plan;
}

}  // namespace

TEST_CASE("a published plan is a plan file that holds") {
  const Plan plan = published_bert();
  CHECK(plan.predicted.step.value == Approx(1.3597922641847577).epsilon(1e-9).margin(0));
  CHECK(peak_bytes(plan) == 12253 * kMiB);
  CHECK(plan.stages == std::vector<StageRange>{{0, 16}, {17, 33}});
  CHECK(plan.strategies.front() == Strategy{.data = 4});
  CHECK(check(plan) == Findings{});
  const Plan again = read_plan(make_source("plan.yaml", plan_yaml(plan)));
  CHECK(again == plan);
  CHECK(check(again) == Findings{});
  CHECK(diff(plan, again).empty());
}

TEST_CASE("a published plan asks the executor for micro-batches that divide its samples") {
  // The model counts 8/8 + 2 = 3 for the 8 samples of a data rank; 16 samples on a stage of 4
  // devices are 4 per device, which 3 does not divide.
  const Plan plan = published_bert();
  CHECK(plan.micro_batches == 2);
}

TEST_CASE("what the published cost model does not price is named") {
  Plan plan = published_bert();
  plan.micro_batches = 1;
  CHECK(check(plan) == Findings{{"structure",
                                 "micro_batches must be 2, which the published cost model prices, "
                                 "got 1"}});
  plan = published_bert();
  plan.schedule = Schedule::one_f_one_b;
  plan.strategies[3].recompute = Recompute::full;
  plan.strategies[0].zero = Zero::optimizer;
  plan.strategies[33].zero = Zero::optimizer;
  const Findings findings = check(plan);
  REQUIRE(findings.size() == 4);
  CHECK(findings[0].message == "schedule must be gpipe under the published cost model, got 1f1b");
  CHECK(findings[1].message ==
        "layer 0: strategy must be tensor 1, data 4, ZeRO 0: the published cost model prices no "
        "other for this layer");
  CHECK(findings[2].message ==
        "layer 3: strategy is none of the published ones: powers of two, ZeRO 0 or 3, no sequence "
        "parallelism, no recomputation");
}

TEST_CASE("a changed strategy has another published price") {
  Plan plan = published_bert();
  plan.strategies[5].zero = Zero::parameters;
  const Findings findings = check(plan);
  REQUIRE_FALSE(findings.empty());
  CHECK(findings.front().code == "time");
}

TEST_CASE("a model without published constants is named") {
  Plan plan = published_bert();
  plan.model.name = "bert-huge-33";
  CHECK(check(plan) ==
        Findings{{"inputs",
                  "no published constants for the model bert-huge-33, only for bert-huge-32, "
                  "vit-huge-32, t5-large-48, swin-huge-32"}});
  plan = published_bert();
  plan.model.sequence_length = 256;
  CHECK(check(plan) ==
        Findings{{"inputs",
                  "the published constants are for 512 tokens in layer 1, the model has "
                  "256"}});
}

}  // namespace galvatron
