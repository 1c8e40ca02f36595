#include "planner/plan/proof_yaml.h"

#include "planner/files/document.h"
#include "planner/files/spec_error.h"
#include "planner/plan/plan_yaml.h"
#include "test/catch.h"
#include "test/planner/plan/tiny_plans.h"

namespace galvatron {
namespace {

Plan proved_plan() {
  Plan plan = tiny_plan({.layers_of_stage = {2, 2}, .strategy = {.data = 2}, .micro_batches = 2});
  plan.predicted.stages.resize(2);
  plan.inputs.reset();
  plan.proof = Proof{.bound = {0.1 + 0.2}, .global_batches = {8, 16}};
  for (const char* name : {"model", "job", "memory", "search", "hardware", "runtime"}) {
    plan.proof->searched.push_back({.name = name, .hash = "fnv1a-00"});
  }
  const StagePrice price{.memory = 0.00123457, .optimizer = 0.5, .share = 0.25};
  plan.proof->pairs = {{.global_batch = 8,
                        .pipeline = 2,
                        .micro_batches = 4,
                        .member = 0,
                        .bound = 123456789012345,
                        .cells = {10, 20},
                        .stages = {{.stage = 1, .prices = {price, {.memory = 2}}}}},
                       {.global_batch = 16, .pipeline = 1, .micro_batches = 1, .bound = 5}};
  return plan;
}

constexpr const char* kWritten = R"(proof:
  bound_seconds: 0.30000000000000004
  searched:
    model: fnv1a-00
    job: fnv1a-00
    memory: fnv1a-00
    search: fnv1a-00
    hardware: fnv1a-00
    runtime: fnv1a-00
  global_batches: [8, 16]
  pairs:
    - pair: [8, 2, 4]
      member: 0
      bound_ps: 123456789012345
      cells_ps: [10, 20]
      stages:
        - stage: 1
          prices: [0.00123457, 0.5, 0.25, 2, 0, 0]
    - pair: [16, 1, 1]
      bound_ps: 5
)";

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const auto place = text.find(what);
  REQUIRE(place != std::string::npos);
  return text.replace(place, what.size(), by);
}

std::string first_error(const std::string& text) {
  try {
    read_plan(make_source("plan.yaml", text));
  } catch (const SpecError& error) {
    return error.diagnostics().front().message;
  }
  return "";
}

TEST_CASE("a proof stands at the end of the plan, a line per stage") {
  const std::string text = plan_yaml(proved_plan());
  CHECK(text.substr(text.find("proof:")) == kWritten);
}

TEST_CASE("a proof reads back as it was written") {
  const Plan plan = proved_plan();
  CHECK(read_plan(make_source("plan.yaml", plan_yaml(plan))) == plan);
}

TEST_CASE("numbers that cannot be of a proof are named") {
  const std::string text = plan_yaml(proved_plan());
  CHECK(first_error(replaced(text, "0.5, 0.25", "0.5")) ==
        "proof.pairs[0].stages[0].prices must be 3 numbers per price, got 5");
  CHECK(first_error(replaced(text, "0.5, 0.25", "0.5, 1.25")) ==
        "proof.pairs[0].stages[0].prices must have shares of at most 1, got 1.25");
  CHECK_THAT(first_error(replaced(text, "0.00123457", "-1")),
             Catch::Contains("must be a number between 0 and"));
  CHECK(first_error(replaced(text, "[10, 20]", "[20, 20]")) ==
        "proof.pairs[0].cells_ps must ascend");
  CHECK(first_error(replaced(text, "pair: [8, 2, 4]", "pair: [8, 2]")) ==
        "proof.pairs[0].pair must be global batch, stages and micro-batches");
}

TEST_CASE("what was searched has a fingerprint per part, decisions have none") {
  Plan plan = tiny_plan({.layers_of_stage = {2, 2}, .strategy = {.data = 2}, .micro_batches = 2});
  const std::vector<SearchedPart> before = searched_parts(plan);
  REQUIRE(before.size() == 6);
  plan.strategies[0].zero = Zero::optimizer;
  CHECK(searched_parts(plan) == before);
  plan.job.dropout = false;
  CHECK(searched_parts(plan)[1] != before[1]);
}

}  // namespace
}  // namespace galvatron
