#include "planner/cli/explanation_text.h"

#include "planner/cli/explanation_json.h"
#include "planner/cli/why_not_text.h"
#include "test/catch.h"
#include "test/planner/cli/tiny_plan.h"

namespace galvatron {
namespace {

Plan plan_with_inputs() {
  Plan plan = tiny_plan();
  plan.inputs = PlanInputs{.memory_budget = 5 * kMiB};
  return plan;
}

// Not what a search would find: only how it is told matters here.
Explanation some_explanation() {
  const Plan plan = plan_with_inputs();
  Plan slower = plan;
  slower.predicted.step = {0.015};
  const StepParts busy{.compute = {0.006}, .tensor = {0.003}, .bubble = {0.001}};
  const StepParts waiting{.compute = {0.005}, .bubble = {0.005}};
  const Answer too_large{.shortfalls = {{.pipeline = 1,
                                         .micro_batches = 1,
                                         .stage = 0,
                                         .least = 6 * kMiB,
                                         .category = "states"}}};
  return {.plan = plan,
          .time = {.step = {0.010}, .stages = {waiting, busy}, .busiest = 1},
          .memory = binding_stage(plan.predicted, plan.inputs->memory_budget),
          .pipelines = {{.pipeline = 1, .answer = too_large},
                        {.pipeline = 2, .answer = {.plan = plan}}},
          .baselines = {{.kind = BaselineKind::data_parallel, .answer = too_large},
                        {.kind = BaselineKind::three_d,
                         .answer = {.plan = slower},
                         .parts = StepParts{.compute = {0.006}, .tensor = {0.008}}}},
          .prices = {{.resource = "memory_budget",
                      .change = "+1 GiB",
                      .kept = {0.010},
                      .answer = {.plan = slower}},
                     {.resource = "intra_node",
                      .change = "+10 %",
                      .kept = {0.0097},
                      .answer = {.end = SearchEnd::interrupted}}}};
}

TEST_CASE("an explanation reads as a document") {
  CHECK(
      explanation_text(some_explanation(), {}) ==
      "tiny: 4 devices, global batch 4, sequence 16, fp32\n"
      "1f1b, 2 stages of 2 devices, 2 micro-batches of 2 samples\n"
      "step 10.0 ms, 400 samples/s\n"
      "\n"
      "Where the step goes, on a rank of stage 1, the busiest\n"
      "part        time     share\n"
      "compute  6.00 ms   60.00 %  ██████████████\n"
      "tensor   3.00 ms   30.00 %  ███████\n"
      "bubble   1.00 ms   10.00 %  ██\n"
      "step     10.0 ms  100.00 %\n"
      "Waiting for other stages takes 10.00 % of the step on the busiest stage and 50.00 % on "
      "stage 0, which waits most.\n"
      "\n"
      "Memory per device, budget 5.00 MiB\n"
      "stage  parameters  transient     total      left\n"
      "0        2.00 MiB   1.00 MiB  3.00 MiB  2.00 MiB\n"
      "1        4.00 MiB        0 B  4.00 MiB  1.00 MiB\n"
      "Stage 1 binds first: it holds 4.00 MiB, 1.00 MiB below the budget; most of it is parameters "
      "(4.00 MiB).\n"
      "\n"
      "The best plan of every stage count, each solved within 0.1 %\n"
      "stages       step  to this plan  what it is, or why there is none\n"
      "     1          -             -  does not fit: stage 0 of 1 needs at least 6.00 MiB, "
      "1.00 MiB more than the budget, most of it states\n"
      "     2  0.01000 s     this plan  2 stages, 2 micro-batches: mostly tensor 2, sequence "
      "parallel\n"
      "\n"
      "One strategy for all layers, the best of each kind\n"
      "kind                     step  to this plan  loses most by    what it is, or why there is "
      "none\n"
      "pure data parallel          -             -                   does not fit: stage 0 of 1 "
      "needs at least 6.00 MiB, 1.00 MiB more than the budget, most of it states\n"
      "3D                  0.01500 s      +50.00 %  tensor +5.00 ms  2 stages, 2 micro-batches: "
      "mostly tensor 2, sequence parallel\n"
      "\n"
      "What more of a resource takes off the step\n"
      "resource       change  same plan  planned again  of the step\n"
      "memory_budget  +1 GiB    nothing        nothing       0.00 %\n"
      "intra_node      +10 %     300 us              -       3.00 %\n"
      "Each change by itself, solved within 0.1 % again, or the plan kept where that is faster: "
      "a gain below the gap says little.\n");
}

TEST_CASE("an explanation that was cut short says so") {
  Explanation explanation = some_explanation();
  explanation.is_complete = false;
  CHECK_THAT(explanation_text(explanation, {}),
             Catch::EndsWith("\nInterrupted: not everything was searched.\n"));
}

TEST_CASE("programs read the parts of every stage and the loss of every baseline") {
  const Json json = explanation_json(some_explanation());
  CHECK(json["time"]["stage"] == 1);
  CHECK(json["time"]["seconds"]["tensor"] == 0.003);
  CHECK(json["time"]["stages"][0]["bubble"] == 0.005);
  CHECK(json["memory"]["binding_stage"] == 1);
  CHECK(json["pipelines"][0]["shortfalls"][0]["least_bytes"] == (6 * kMiB).value);
  CHECK(json["baselines"][1]["kind"] == "3d");
  CHECK(json["baselines"][1]["largest_increase"]["part"] == "tensor");
  CHECK(json["shadow_prices"][1]["gain_seconds"].get<double>() == Approx(0.0003));
}

TEST_CASE("the cost of a pin is told in a sentence") {
  const Plan plan = plan_with_inputs();
  WhyNot result{.pin = {"tensor", {"1", "4"}}, .replaced = {}, .changes = {}};
  result.answer.plan = plan;
  result.answer.plan->predicted.step = {0.012};
  const auto first_line = [&] {
    const std::string text = why_not_text(plan, result);
    return text.substr(0, text.find('\n'));
  };
  CHECK(first_line() ==
        "tensor=1,4 costs 2.00 ms (+20.00 %): a step of 0.01200 s instead of 0.01000 s");
  result.replaced = {"2"};
  result.answer.plan->predicted.step = {0.010001};
  CHECK(first_line() ==
        "tensor=1,4 (the plan was made with --only tensor=2) costs nothing that the search tells "
        "apart: a step of 0.01000 s instead of 0.01000 s (+0.01 %), within its gap of 0.1 %");
  result.replaced.clear();
  result.answer.plan->predicted.step = {0.009};
  CHECK(first_line() ==
        "tensor=1,4 gains 1.00 ms (-10.00 %): a step of 0.009000 s instead of 0.01000 s");
  result.answer = {};
  CHECK(first_line() ==
        "tensor=1,4: no such strategy divides the layers, the batch and the devices in the "
        "runtime's space");
  result.is_so_already = true;
  CHECK(first_line() == "tensor=1,4: the plan has nothing else");
}

}  // namespace
}  // namespace galvatron
