#include "planner/search/label.h"

#include <algorithm>
#include <functional>

#include "test/catch.h"
#include "test/planner/search/random_problem.h"

namespace galvatron::search {
namespace {

bool beats(const Label& one, const Label& other) {
  return one.cost[0] <= other.cost[0] && one.cost[1] <= other.cost[1] &&
         one.cost[2] <= other.cost[2] && one.memory <= other.memory &&
         one.optimizer <= other.optimizer;
}

// Which numbers differ at all: the filter takes another way for each case.
struct Axes {
  bool optimizer = false;
  bool second = false;
  bool third = false;
};

std::vector<Label> roll_labels(Dice& dice, const Axes& axes) {
  std::vector<Label> labels;
  for (int i = 0; i < 60; ++i) {
    labels.push_back({.cost = {dice.roll(0, 9), axes.second ? dice.roll(0, 9) : 0,
                               axes.third ? dice.roll(0, 9) : 0},
                      .optimizer = axes.optimizer ? dice.roll(0, 9) : 0,
                      .memory = dice.roll(0, 9),
                      .item = i});
  }
  return labels;
}

}  // namespace

TEST_CASE("the filter keeps an unbeaten label for every label and no beaten one") {
  const std::function<bool()> never;
  for (const Axes& axes : {Axes{}, Axes{.optimizer = true}, Axes{.second = true},
                           Axes{.optimizer = true, .second = true},
                           Axes{.optimizer = true, .second = true, .third = true}}) {
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
      Dice dice(seed);
      const std::vector<Label> all = roll_labels(dice, axes);
      std::vector<Label> kept = all;
      Work work(never);
      keep_unbeaten(kept, work);
      for (const Label& label : all) {
        REQUIRE(std::any_of(kept.begin(), kept.end(),
                            [&](const Label& other) { return beats(other, label); }));
      }
      for (const Label& label : kept) {
        REQUIRE(std::count_if(kept.begin(), kept.end(),
                              [&](const Label& other) { return beats(other, label); }) == 1);
      }
    }
  }
}

}  // namespace galvatron::search
