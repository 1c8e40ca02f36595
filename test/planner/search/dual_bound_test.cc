#include "planner/search/dual_bound.h"

#include <algorithm>

#include "planner/search/stage_catalog.h"
#include "test/catch.h"
#include "test/planner/search/random_problem.h"
#include "test/planner/search/stage_choices.h"

namespace galvatron::search {
namespace {

std::vector<Size> transients_of(const Problem& problem) {
  std::vector<Size> transients{0};
  for (const LayerType& type : problem.types) {
    for (const Option& option : type.options) transients.push_back(option.transient);
  }
  std::sort(transients.begin(), transients.end());
  transients.erase(std::unique(transients.begin(), transients.end()), transients.end());
  return transients;
}

CapRange roll_range(Dice& dice, const std::vector<Size>& caps) {
  const auto last = static_cast<Time>(caps.size()) - 1;
  const Time first = dice.roll(0, last);
  return {.least = caps[static_cast<std::size_t>(first)],
          .most = caps[static_cast<std::size_t>(dice.roll(first, last))]};
}

// Of the choices whose transient is in the range.
Time least_time(const Problem& problem, const StageTask& task, CapRange range, Time most_backward) {
  Time least = kUnlimited;
  for_each_choice(problem, problem.stages.front(), [&](const StageCost& cost) {
    if (cost.transient < range.least || cost.transient > range.most) return;
    if (no_longer(capped_times(cost, most_backward), task.target.caps))
      least = std::min(least, cost.time);
  });
  return least;
}

bool is_near(Time one, Time other) {
  const Time far = std::max<Time>(1, std::max(one, other) / 1000000);
  return one == other || std::max(one, other) - std::min(one, other) <= far;
}

}  // namespace

TEST_CASE("ranges of caps bounded one after another are bounded as well as alone, and truly") {
  const std::function<bool()> never;
  std::int64_t alone = 0, shared = 0;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    Dice dice(seed);
    const Problem problem = random_problems(dice).front();
    if (!has_choice(problem)) continue;
    StageCatalog catalog(problem);
    const int key = catalog.keys().key(0, catalog.layers());
    const Time cap = dice.roll(0, 2 * catalog.most_optimizer());
    const Time most_backward = catalog.capped(key, {})[kLack];
    const Time lack = dice.one_in(2) ? kUnlimited : dice.roll(0, most_backward);
    const StageTask task = catalog.task({.stage_class = 0, .key = key}, Purpose::least_time,
                                        catalog.effective(key, {cap, 2 * cap, kUnlimited, lack}));
    const Problem kept = with_kept_options(problem, *task.model);
    const std::vector<Size> caps = transients_of(problem);
    DualBounds bounds(*task.model, *task.interval, task.target);
    for (int repeat = 0; repeat < 6; ++repeat) {
      const CapRange range = roll_range(dice, caps);
      INFO("seed " << seed << ", caps from " << range.least << " to " << range.most);
      Work fresh(never), more(never);
      const Time by_itself =
          DualBounds(*task.model, *task.interval, task.target).of(range, kUnlimited, fresh).value;
      const Time known = bounds.known(range).value;
      const Time after_others = bounds.of(range, kUnlimited, more).value;
      const Time truth = least_time(kept, task, range, most_backward);
      REQUIRE(after_others <= truth);
      REQUIRE(known <= after_others);
      // Where nothing fits, a bound only has to be large.
      if (truth < kUnlimited) {
        REQUIRE(is_near(after_others, by_itself));
        REQUIRE(is_near(bounds.of(range, kUnlimited, more).value, after_others));
      }
      alone += fresh.statistics.shortest_paths;
      shared += more.statistics.shortest_paths;
    }
  }
  CHECK(shared < alone);
}

TEST_CASE("rounds of prices stop at the limit") {
  const std::function<bool()> never;
  int stopped = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    INFO("seed " << seed);
    Dice dice(seed);
    const Problem problem = random_problems(dice).front();
    if (!has_choice(problem)) continue;
    StageCatalog catalog(problem);
    const int key = catalog.keys().key(0, catalog.layers());
    const StageTask task =
        catalog.task({.stage_class = 0, .key = key}, Purpose::least_time, kNoCaps);
    const CapRange all{.least = 0, .most = transients_of(problem).back()};
    Work work(never), limited(never);
    const Time value =
        DualBounds(*task.model, *task.interval, task.target).of(all, kUnlimited, work).value;
    if (value == kUnlimited) continue;
    const DualBound early =
        DualBounds(*task.model, *task.interval, task.target).of(all, value / 2, limited);
    REQUIRE(early.value >= value / 2);
    REQUIRE(early.value <= value);
    stopped += limited.statistics.shortest_paths < work.statistics.shortest_paths ? 1 : 0;
  }
  CHECK(stopped > 10);
}

}  // namespace galvatron::search
