#include "planner/search/first_stage.h"

#include <algorithm>

#include "test/catch.h"
#include "test/planner/search/random_problem.h"
#include "test/planner/search/stage_choices.h"

namespace galvatron::search {
namespace {

FirstStage::Question roll_question(Dice& dice, const StageCatalog& catalog, int key) {
  const Time most = catalog.most_optimizer();
  FirstStage::Question question{.key = key, .slowest = dice.roll(0, most)};
  if (dice.one_in(2)) question.caps[kOptimizer] = dice.roll(0, most);
  if (dice.one_in(2)) {
    question.caps = catalog.with_backward(key, question.caps, dice.roll(1, most + 1));
  }
  return question;
}

// Of the options that the search looks at under these caps.
Time least_phi(const Problem& problem, StageCatalog& catalog, const FirstStage& first,
               const FirstStage::Question& question) {
  const StageTask task = catalog.task({.key = question.key}, Purpose::first_stage,
                                      catalog.effective(question.key, question.caps));
  Time least = kUnlimited;
  const Problem kept = with_kept_options(problem, *task.model);
  for_each_choice(kept, problem.stages.front(), [&](const StageCost& cost) {
    if (!no_longer(catalog.capped(question.key, cost), question.caps)) return;
    least = std::min(least, first.phi({.cost = cost}, question.slowest));
  });
  return least;
}

}  // namespace

TEST_CASE("what is proved of the first stage under some caps is true under all others") {
  const std::function<bool()> never;
  int moved = 0;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    INFO("seed " << seed);
    Dice dice(seed);
    const Problem problem = random_problems(dice).front();
    StageCatalog catalog(problem);
    const int key = catalog.keys().key(0, catalog.layers());
    FirstStage first(catalog);
    Work work(never);
    const FirstStage::Question asked = roll_question(dice, catalog, key);
    const Time before = first.lower(asked);
    for (int repeat = 0; repeat < 4; ++repeat) {
      const FirstStage::Question question = roll_question(dice, catalog, key);
      first.improve(question, kUnlimited, work);
      const StagePoint* best = first.best(question);
      if (best != nullptr) {
        REQUIRE(first.phi(*best, question.slowest) >= least_phi(problem, catalog, first, question));
      }
      for (int other = 0; other < 8; ++other) {
        const FirstStage::Question elsewhere = roll_question(dice, catalog, key);
        REQUIRE(first.lower(elsewhere) <= least_phi(problem, catalog, first, elsewhere));
      }
    }
    moved += first.lower(asked) > before ? 1 : 0;
  }
  CHECK(moved > 100);  // proofs do say something where nobody asked
}

TEST_CASE("a floor of the backward leaves what holds as much") {
  int fewer = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Dice dice(seed);
    const Problem problem = random_problems(dice).front();
    const StageCatalog catalog(problem);
    const int key = catalog.keys().key(0, catalog.layers());
    const Time floor = dice.roll(1, catalog.most_optimizer() + 1);
    const CappedTimes caps = catalog.with_backward(key, kNoCaps, floor);
    for_each_choice(problem, problem.stages.front(), [&](const StageCost& cost) {
      const bool is_within = no_longer(catalog.capped(key, cost), caps);
      REQUIRE(is_within == (cost.backward >= floor));
      fewer += is_within ? 0 : 1;
    });
  }
  CHECK(fewer > 100);
}

}  // namespace galvatron::search
