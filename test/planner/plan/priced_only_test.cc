#include "planner/plan/priced_only.h"

#include "planner/plan/plan_yaml.h"
#include "test/catch.h"
#include "test/planner/plan/tiny_plans.h"

namespace galvatron {
namespace {

using Texts = std::vector<std::string>;

// Two stages of two data ranks and a tensor group of two each.
Plan plan_with(const PricedOnly& priced_only) {
  Plan plan = tiny_plan(
      {.layers_of_stage = {2, 2}, .strategy = {.tensor = 2, .data = 2}, .micro_batches = 2});
  plan.priced_only = priced_only;
  return plan;
}

Texts problems_of(const Plan& plan) {
  Texts texts;
  for (const StructureProblem& problem : check_structure(plan, build_layer_graph(plan.model))) {
    texts.push_back(to_text(problem));
  }
  return texts;
}

TEST_CASE("chunks, context and shard groups that divide what they must are no problem") {
  CHECK(problems_of(plan_with({.virtual_stages = 2, .context = 2, .shard_group = 1})).empty());
}

TEST_CASE("degrees that divide nothing are refused") {
  CHECK(problems_of(plan_with({.context = 4})) == Texts{"context must divide data (2), got 4"});
  CHECK(problems_of(plan_with({.shard_group = 3})) ==
        Texts{"shard_group must divide data (2), got 3"});
  CHECK(problems_of(plan_with({.context = 3})).front() ==
        "context must divide the tokens of a sample (8), got 3");
}

TEST_CASE("chunks need stages, layers and micro-batches") {
  CHECK(problems_of(plan_with({.virtual_stages = 3})) ==
        Texts{"virtual_stages must be at most the layers of a stage (2), got 3"});
  Plan plan = plan_with({.virtual_stages = 2});
  plan.schedule = Schedule::gpipe;
  CHECK(problems_of(plan) ==
        Texts{"virtual_stages must be 1 without several stages under 1f1b, got 2"});
  plan = plan_with({.virtual_stages = 2});
  plan.micro_batches = 1;
  plan.job.global_batch /= 2;
  CHECK(problems_of(plan) == Texts{"micro_batches must be a multiple of the 2 stages where they "
                                   "interleave, got 1"});
}

TEST_CASE("a plan file carries what is priced only, and only where there is some") {
  Plan plan = plan_with({.virtual_stages = 2, .context = 2, .shard_group = 1});
  plan.predicted.stages.resize(plan.stages.size());
  const std::string text = plan_yaml(plan);
  CHECK(text.find("virtual_stages: 2") != std::string::npos);
  CHECK(read_plan(make_source("plan.yaml", text)).priced_only == plan.priced_only);
  CHECK(plan_yaml(plan_with({})).find("virtual_stages") == std::string::npos);
}

}  // namespace
}  // namespace galvatron
