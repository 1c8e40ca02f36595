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
         one.capped[kOptimizer] <= other.capped[kOptimizer] &&
         one.capped[kTail] <= other.capped[kTail];
}

// Which numbers differ at all: the filter takes another way for each case.
struct Axes {
  bool optimizer = false;
  bool tail = false;
  bool second = false;
  bool third = false;
};

std::vector<Label> roll_labels(Dice& dice, const Axes& axes) {
  std::vector<Label> labels;
  for (int i = 0; i < 60; ++i) {
    labels.push_back(
        {.cost = {dice.roll(0, 9), axes.second ? dice.roll(0, 9) : 0,
                  axes.third ? dice.roll(0, 9) : 0},
         .capped = {axes.optimizer ? dice.roll(0, 9) : 0, axes.tail ? dice.roll(0, 9) : 0},
         .memory = dice.roll(0, 9),
         .item = i});
  }
  return labels;
}

}  // namespace

TEST_CASE("the filter keeps an unbeaten label for every label and no beaten one") {
  const std::function<bool()> never;
  for (const Axes& axes :
       {Axes{}, Axes{.optimizer = true}, Axes{.tail = true}, Axes{.optimizer = true, .tail = true},
        Axes{.second = true}, Axes{.optimizer = true, .second = true},
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

TEST_CASE("the unbeaten labels of least weight are the first of all unbeaten ones") {
  const std::function<bool()> never;
  const Axes all_axes{.optimizer = true, .tail = true, .second = true, .third = true};
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    Dice dice(seed);
    std::vector<Label> labels = roll_labels(dice, all_axes);
    Work work(never);
    // Of every second one only the resources weigh, so that ties are met.
    const auto weighed = [&](const Label& label) {
      const Time cost = seed % 2 == 0 ? label.cost[0] + label.cost[1] + label.cost[2] : 0;
      return WeighedLabel{static_cast<double>(cost + label.memory + label.capped[kTail]), label};
    };
    std::vector<WeighedLabel> rolled;
    for (const Label& label : labels) rolled.push_back(weighed(label));
    keep_unbeaten(labels, work);
    std::vector<double> unbeaten;
    for (const Label& label : labels) unbeaten.push_back(weighed(label).weight);
    std::sort(unbeaten.begin(), unbeaten.end());
    for (const std::size_t most : {std::size_t{1}, std::size_t{7}, labels.size() + 1}) {
      const std::vector<WeighedLabel> kept = least_unbeaten(rolled, most, work);
      REQUIRE(kept.size() == std::min(most, labels.size()));
      for (std::size_t i = 0; i < kept.size(); ++i) {
        CHECK(kept[i].weight == unbeaten[i]);
        CHECK(std::any_of(labels.begin(), labels.end(),
                          [&](const Label& label) { return label.item == kept[i].label.item; }));
      }
    }
  }
}

}  // namespace galvatron::search
