// The search against exhaustive enumeration on random small problems; search_test_many does so for
// as many as one likes.
#include "test/planner/search/exhaustive.h"

#include <algorithm>

#include "planner/search/search.h"
#include "test/catch.h"
#include "test/planner/search/random_problem.h"
#include "test/planner/search/trial.h"

namespace galvatron::search {
namespace {

void check_seeds(std::uint64_t first, std::uint64_t count) {
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    const std::string fault = fault_of_trial(seed);
    INFO("seed " << seed << ": " << fault);
    REQUIRE(fault.empty());
  }
}

// What the optimal plans of random problems have to do with.
struct Coverage {
  int infeasible = 0;
  int exposed_later = 0;  // the sync that counts is that of a later stage
  int changes_layout = 0;
  int ends_hold_bytes = 0;
  int transient_binds = 0;  // without transients more would fit
  std::vector<int> stages = std::vector<int>(5);
};

bool is_exposed_later(const PlanCost& cost) {
  Time hidden = cost.stages.front().backward;
  for (std::size_t stage = 1; stage < cost.stages.size(); ++stage) {
    if (cost.stages[stage].sync - hidden > cost.stages.front().sync) return true;
    hidden += cost.stages[stage].backward;
  }
  return false;
}

bool changes_layout(const Problem& problem, const Assignment& assignment) {
  const auto layout_of = [&](std::size_t layer) {
    const LayerType& type = problem.types[static_cast<std::size_t>(problem.layers[layer])];
    return type.options[static_cast<std::size_t>(assignment.option[layer])].layout;
  };
  for (std::size_t layer = 1; layer < problem.layers.size(); ++layer) {
    if (layout_of(layer) != layout_of(layer - 1)) return true;
  }
  return false;
}

void add(Coverage& coverage, const Problem& problem, const Plan& plan) {
  const std::vector<StageCost>& stages = plan.cost.stages;
  coverage.stages[stages.size()] += 1;
  coverage.exposed_later += is_exposed_later(plan.cost) ? 1 : 0;
  coverage.changes_layout += changes_layout(problem, plan.assignment) ? 1 : 0;
  const auto has = [&](auto trait) { return std::any_of(stages.begin(), stages.end(), trait); };
  coverage.ends_hold_bytes +=
      has([&](const StageCost& stage) { return stage.fixed > problem.stages.front().fixed_bytes; });
  coverage.transient_binds += has([&](const StageCost& stage) {
    return stage.transient > problem.memory_budget - peak_bytes(stage);
  });
}

}  // namespace

TEST_CASE("the search finds the optimum that exhaustive enumeration finds") {
  check_seeds(1, 20'000);
}

TEST_CASE("random problems have what the search can get wrong") {
  constexpr int kSeeds = 1'000;
  Coverage coverage;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Dice dice(seed);
    const std::vector<Problem> problems = random_problems(dice);
    const SearchResult result = search(candidates_of(problems), {.gap = 0});
    if (result.plan) add(coverage, problems[result.plan->candidate], *result.plan);
    coverage.infeasible += result.plan ? 0 : 1;
  }
  for (std::size_t stages = 1; stages <= 4; ++stages) CHECK(coverage.stages[stages] > kSeeds / 20);
  CHECK(coverage.infeasible > kSeeds / 20);
  CHECK(coverage.exposed_later > kSeeds / 50);
  CHECK(coverage.changes_layout > kSeeds / 10);
  CHECK(coverage.ends_hold_bytes > kSeeds / 10);
  CHECK(coverage.transient_binds > kSeeds / 10);
}

// In these a proof of the first stage that prices rounded up is used at another slowest stage.
TEST_CASE("proofs by prices keep their truth elsewhere") {
  for (const std::uint64_t seed : std::vector<std::uint64_t>{32577, 34188, 35841}) {
    check_seeds(seed, 1);
  }
}

// Here the bound of a cell rises by a little with every little cut of its cap.
TEST_CASE("cells are closed in few steps where their bound hardly moves") {
  Dice dice(70238);
  const SearchResult result = search(candidates_of(random_problems(dice)), {.gap = 0});
  CHECK(result.outcome == Outcome::solved);
  CHECK(result.statistics.cells < 2'000);
}

// Where no sync is exposed, prices or labels close a cell however wide it is.
TEST_CASE("without sync cells are few") {
  for (std::uint64_t seed = 1; seed <= 1'000; ++seed) {
    INFO("seed " << seed);
    Dice dice(seed);
    std::vector<Problem> problems = random_problems(dice);
    for (Problem& problem : problems) {
      for (LayerType& type : problem.types) {
        for (Option& option : type.options) option.sync = 0;
      }
    }
    CHECK(search(candidates_of(problems), {.gap = 0}).statistics.cells < 1'000);
  }
}

}  // namespace galvatron::search
