#include "planner/search/stage_times.h"

#include <algorithm>

#include "test/catch.h"
#include "test/planner/search/random_problem.h"
#include "test/planner/search/stage_choices.h"

namespace galvatron::search {
namespace {

CappedTimes roll_caps(Dice& dice, Time most) {
  CappedTimes caps = kNoCaps;
  for (Time& cap : caps) {
    if (!dice.one_in(3)) cap = dice.roll(0, most);
  }
  return caps;
}

// Of the options that the search looks at under these caps.
Time least_time(const Problem& problem, StageCatalog& catalog, StageName name,
                const CappedTimes& caps) {
  const StageTask task = catalog.task(name, Purpose::least_time, catalog.effective(name.key, caps));
  Time least = kUnlimited;
  const Problem kept = with_kept_options(problem, *task.model);
  for_each_choice(kept, problem.stages.front(), [&](const StageCost& cost) {
    if (no_longer(catalog.capped(name.key, cost), caps)) least = std::min(least, cost.time);
  });
  return least;
}

}  // namespace

TEST_CASE("what is proved of a stage under some caps is true under all others") {
  const std::function<bool()> never;
  int raised = 0;
  for (std::uint64_t seed = 1; seed <= 4000; ++seed) {
    INFO("seed " << seed);
    Dice dice(seed);
    const Problem problem = random_problems(dice).front();
    StageCatalog catalog(problem);
    const StageName name{.key = catalog.keys().key(0, catalog.layers())};
    const Time most = 2 * catalog.most_optimizer() + 1;
    StageTimes times(catalog);
    Work work(never);
    const CappedTimes asked = roll_caps(dice, most);
    const Time before = times.lower(name, asked);
    for (int repeat = 0; repeat < 4; ++repeat) {
      const CappedTimes caps = roll_caps(dice, most);
      times.improve(name, caps, kUnlimited, work);
      for (int other = 0; other < 32; ++other) {
        const CappedTimes elsewhere = roll_caps(dice, most);
        REQUIRE(times.lower(name, elsewhere) <= least_time(problem, catalog, name, elsewhere));
      }
    }
    raised += times.lower(name, asked) > before ? 1 : 0;
  }
  CHECK(raised > 400);  // proofs do say something under caps that nobody asked for
}

}  // namespace galvatron::search
