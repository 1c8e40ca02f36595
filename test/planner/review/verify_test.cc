#include "planner/review/verify.h"

#include "planner/plan/proof_yaml.h"
#include "planner/review/prove.h"
#include "planner/search/plan_search.h"
#include "test/catch.h"
#include "test/planner/plan/tiny_plans.h"

namespace galvatron {
namespace {

// GPT-2 of six blocks on four devices, in so little memory that prices are needed.
Plan proved_plan() {
  SearchRequest request{.model = tiny_gpt2(6),
                        .job = {.global_batch = 16},
                        .global_batches = {16},
                        .inputs = tiny_inputs(4)};
  request.inputs.memory_budget = Bytes{50'000};
  SearchOutcome outcome = search_plan(request, {});
  REQUIRE(outcome.plan);
  Plan plan = *outcome.plan;
  plan.proof = prove(plan, request.global_batches, {});
  return plan;
}

std::string first_finding(const Plan& plan) {
  const Verification found = verify(plan);
  REQUIRE(!found.findings.empty());
  return found.findings.front().message;
}

PairProof& priced_pair(Plan& plan) {
  for (PairProof& pair : plan.proof->pairs) {
    if (!pair.stages.empty()) return pair;
  }
  FAIL("no pair has prices");
  return plan.proof->pairs.front();
}

TEST_CASE("a proof is derived again from its prices") {
  const Plan plan = proved_plan();
  const Verification found = verify(plan);
  CHECK(found.findings.empty());
  CHECK(found.proved == plan.proof->bound);
  CHECK(found.pairs == found.without_memory + found.without_prices + found.by_prices);
  CHECK(found.by_prices > 0);
}

TEST_CASE("the same plan has the same proof") { CHECK(proved_plan() == proved_plan()); }

TEST_CASE("other prices only weaken a proof, and that is found") {
  Plan plan = proved_plan();
  for (StagePrices& stage : priced_pair(plan).stages) {
    for (StagePrice& price : stage.prices) price.memory *= 3;
  }
  CHECK_THAT(first_finding(plan), Catch::Contains("the prices prove "));
}

TEST_CASE("a bound that was raised is found") {
  SECTION("of a pair") {
    Plan plan = proved_plan();
    PairProof& pair = priced_pair(plan);
    pair.bound *= 4;
    CHECK_THAT(first_finding(plan), Catch::Contains(", the proof says "));
  }
  SECTION("of the proof") {
    Plan plan = proved_plan();
    plan.proof->bound = plan.proof->bound * 1.01;
    CHECK(!verify(plan).findings.empty());
  }
  SECTION("of the proof and of the certificate") {
    Plan plan = proved_plan();
    plan.proof->bound = plan.proof->bound * 1.01;
    plan.certificate->lower_bound = plan.certificate->lower_bound * 1.01;
    CHECK(!verify(plan).findings.empty());
  }
}

TEST_CASE("a pair that is missing is found") {
  Plan plan = proved_plan();
  const PairProof& pair = priced_pair(plan);
  const auto at = static_cast<std::ptrdiff_t>(&pair - plan.proof->pairs.data());
  plan.proof->pairs.erase(plan.proof->pairs.begin() + at);
  CHECK_THAT(first_finding(plan), Catch::Contains("the prices prove "));
}

TEST_CASE("a pair that is not of the space is found") {
  Plan plan = proved_plan();
  plan.proof->pairs.front().micro_batches = 5;
  const PairProof& pair = plan.proof->pairs.front();
  const Verification found = verify(plan);
  REQUIRE(!found.findings.empty());
  CHECK(found.findings.front() ==
        Finding{"certificate", "global batch 16, pipeline " + std::to_string(pair.pipeline) +
                                   ", 5 micro-batches: was not searched"});
}

TEST_CASE("a proof for other inputs is found") {
  Plan plan = proved_plan();
  const std::string before = plan.proof->searched[4].hash;
  plan.inputs->hardware.device.memory_rate = plan.inputs->hardware.device.memory_rate * 1.5;
  CHECK(first_finding(plan) ==
        "the proof is for hardware " + before + ", the plan holds " + searched_parts(plan)[4].hash);
}

TEST_CASE("a proof for other batches than the plan's is found") {
  Plan plan = proved_plan();
  plan.proof->global_batches = {8};
  CHECK(first_finding(plan) == "the proof says nothing about the global batch of 16");
}

TEST_CASE("a plan without a proof says so") {
  Plan plan = proved_plan();
  plan.proof.reset();
  CHECK(first_finding(plan) == "the plan holds no proof of its lower bound");
}

}  // namespace
}  // namespace galvatron
