#include "planner/search/backward_bound.h"

#include <algorithm>

#include "test/catch.h"
#include "test/planner/search/random_problem.h"

namespace galvatron::search {
namespace {

// One option for every layer, with times as tolls may make them longer.
struct Choice {
  std::vector<Time> time{};
  std::vector<Time> backward{};
};

Choice roll_choice(Dice& dice, const Problem& problem) {
  Choice choice;
  for (const int type : problem.layers) {
    const auto& options = problem.types[static_cast<std::size_t>(type)].options;
    const auto last = static_cast<std::int64_t>(options.size()) - 1;
    const Option& option = options[static_cast<std::size_t>(dice.roll(0, last))];
    choice.time.push_back(option.time + (dice.one_in(3) ? dice.roll(0, option.time) : 0));
    choice.backward.push_back(option.backward);
  }
  return choice;
}

}  // namespace

TEST_CASE("no choice of options holds more backward than its time is said to allow") {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    INFO("seed " << seed);
    Dice dice(seed);
    const Problem problem = random_problems(dice).front();
    const IntervalKeys keys(problem.layers);
    const BackwardBound bound(problem, keys);
    const int layers = static_cast<int>(problem.layers.size());
    for (int repeat = 0; repeat < 8; ++repeat) {
      const Choice choice = roll_choice(dice, problem);
      for (int begin = 0; begin < layers; ++begin) {
        Time time = 0, backward = 0;
        for (int end = begin + 1; end <= layers; ++end) {
          time += choice.time[static_cast<std::size_t>(end - 1)];
          backward += choice.backward[static_cast<std::size_t>(end - 1)];
          REQUIRE(bound.of_stage(keys.key(begin, end), time) >= backward);
          if (begin > 0) continue;
          REQUIRE(bound.before(end, time) >= backward);
          REQUIRE(bound.least_time_before(end, backward) <= time);
        }
      }
    }
  }
}

TEST_CASE("the backward that a time allows grows no faster than the time") {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    INFO("seed " << seed);
    Dice dice(seed);
    const Problem problem = random_problems(dice).front();
    const BackwardBound bound(problem, IntervalKeys(problem.layers));
    const Time typical = problem.types.front().options.front().time + 1;
    const int layers = static_cast<int>(problem.layers.size());
    for (int layer = 0; layer <= layers; ++layer) {
      const Time one = dice.roll(0, 2 * layers * typical);
      const Time other = one + dice.roll(0, typical);
      REQUIRE(bound.before(layer, other) >= bound.before(layer, one));
      REQUIRE(bound.before(layer, other) - bound.before(layer, one) <= other - one);
    }
  }
}

}  // namespace galvatron::search
