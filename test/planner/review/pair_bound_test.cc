#include "planner/review/pair_bound.h"

#include <algorithm>
#include <cmath>

#include "planner/review/priced_chain.h"
#include "test/catch.h"
#include "test/planner/search/exhaustive.h"
#include "test/planner/search/random_problem.h"

namespace galvatron {
namespace {

using search::Dice;
using search::kUnlimited;
using search::Problem;
using search::Time;

// From far too low to far too high.
double roll_price(Dice& dice, double scale) {
  return dice.one_in(4) ? 0 : scale * std::pow(10.0, static_cast<double>(dice.roll(-40, 40)) / 10);
}

// Prices and cells that nobody chose well.
PairProof random_proof(Dice& dice, const Problem& problem) {
  PairProof proof;
  for (std::size_t stage = 0; stage < problem.stages.size(); ++stage) {
    StagePrices prices{.stage = static_cast<int>(stage)};
    for (std::int64_t count = dice.roll(0, 4); count > 0; --count) {
      prices.prices.push_back({.memory = roll_price(dice, 1),
                               .optimizer = roll_price(dice, 1),
                               .share = static_cast<double>(dice.roll(0, 4)) / 4});
    }
    proof.stages.push_back(prices);
  }
  Time high = 0;
  for (std::int64_t count = dice.roll(0, 3); count > 0; --count) {
    high += dice.roll(1, dice.one_in(2) ? 100 : 2'000'000'000'000);
    proof.cells.push_back(high);
  }
  return proof;
}

TEST_CASE("whatever the prices and cells, no plan stays below their bound") {
  Dice dice(11);
  int proved = 0;
  for (int round = 0; round < 300; ++round) {
    for (Problem& problem : search::random_problems(dice)) {
      if (dice.one_in(3)) search::roll_cut(dice, problem);
      const std::optional<Time> optimum = search::exhaustive_optimum(problem);
      const PairProof proof = random_proof(dice, problem);
      const Time bound = proved_bound(problem, proof, kUnlimited);
      if (!optimum) continue;
      REQUIRE(bound <= *optimum);
      proved += bound > 0 ? 1 : 0;
    }
  }
  CHECK(proved > 300);
}

TEST_CASE("what fits nowhere reaches every bound, without prices") {
  Dice dice(12);
  int infeasible = 0;
  for (int round = 0; round < 100; ++round) {
    for (Problem problem : search::random_problems(dice)) {
      problem.memory_budget = 0;
      for (search::LayerType& type : problem.types) {
        for (search::Option& option : type.options) option.states += 1;
      }
      REQUIRE(proved_bound(problem, {}, kUnlimited) == kUnlimited);
      ++infeasible;
    }
  }
  CHECK(infeasible > 100);
}

TEST_CASE("prices that are looked for prove most of the optimum") {
  Dice dice(13);
  double share = 0;
  int count = 0;
  for (int round = 0; round < 150; ++round) {
    for (const Problem& problem : search::random_problems(dice)) {
      const std::optional<Time> optimum = search::exhaustive_optimum(problem);
      const Time target = optimum.value_or(kUnlimited);
      const PairProof proof = find_proof(problem, target, {});
      const Time bound = proved_bound(problem, proof, target);
      REQUIRE(bound <= target);
      REQUIRE(bound >= proof.bound);
      if (!optimum || *optimum == 0) continue;
      share += static_cast<double>(bound) / static_cast<double>(*optimum);
      ++count;
    }
  }
  CHECK(share / count > 0.9);
}

TEST_CASE("a price on memory moves a layer to what fits") {
  // Two equal layers in one stage each: 10 ps and 8 bytes, or 16 ps and 2 bytes. Of 10 bytes both
  // layers of a lone stage cannot take 8; the mixed plan costs 26. A price of 1 ps per byte asks
  // 18 for either option: 2 x 18 - 10 = 26.
  Problem problem{.micro_batches = 1,
                  .types = {{.options = {{.time = 10, .states = 8}, {.time = 16, .states = 2}}}},
                  .layers = {0, 0},
                  .stages = {{}},
                  .memory_budget = 10};
  CHECK(search::exhaustive_optimum(problem) == 26);
  CHECK(proved_bound(problem, {}, kUnlimited) == 20);
  const PairProof proof{.stages = {{.stage = 0, .prices = {{.memory = 1}}}}};
  CHECK(proved_bound(problem, proof, kUnlimited) == 26);
  CHECK(find_proof(problem, 26, {}).stages == proof.stages);
}

TEST_CASE("a search for prices that is stopped at once proves nothing wrong") {
  Dice dice(14);
  const std::vector<Problem> problems = search::random_problems(dice);
  const PairProof proof = find_proof(problems.front(), 1'000'000, [] { return true; });
  CHECK(proof.bound == 0);
  CHECK(proof.stages.empty());
}

}  // namespace
}  // namespace galvatron
