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
         one.memory + one.transient <= other.memory + other.transient &&
         one.capped[kOptimizer] <= other.capped[kOptimizer] &&
         one.capped[kTail] <= other.capped[kTail];
}

// Which numbers differ at all: the filter takes another way for each case.
struct Axes {
  bool optimizer = false;
  bool tail = false;
  bool second = false;
  bool third = false;
  bool transient = false;
};

std::vector<Label> roll_labels(Dice& dice, const Axes& axes) {
  std::vector<Label> labels;
  for (int i = 0; i < 60; ++i) {
    labels.push_back(
        {.cost = {dice.roll(0, 9), axes.second ? dice.roll(0, 9) : 0,
                  axes.third ? dice.roll(0, 9) : 0},
         .capped = {axes.optimizer ? dice.roll(0, 9) : 0, axes.tail ? dice.roll(0, 9) : 0},
         .memory = dice.roll(0, 9),
         .transient = axes.transient ? dice.roll(0, 9) : 0,
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
        Axes{.optimizer = true, .second = true, .third = true}, Axes{.transient = true},
        Axes{.tail = true, .transient = true}}) {
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

TEST_CASE("of equal labels the one that precedes stays, whoever comes first") {
  const std::function<bool()> never;
  Work work(never);
  const Label small{.cost = {3}, .memory = 5, .parent = 1, .item = 2};
  const Label large{.cost = {3}, .memory = 5, .parent = 4, .item = 7};
  const Label young{.cost = {3}, .memory = 5, .parent = 9, .item = 7};
  CHECK(precedes(large, small));
  CHECK(precedes(large, young));
  CHECK(precedes(young, small));
  std::vector<Label> order{small, large, young};
  std::sort(order.begin(), order.end(), precedes);
  do {
    std::vector<Label> filtered = order, added;
    keep_unbeaten(filtered, work);
    for (const Label& label : order) add_unbeaten(added, label);
    for (const std::vector<Label>& kept : {filtered, added}) {
      REQUIRE(kept.size() == 1);
      CHECK(kept.front().item == large.item);
      CHECK(kept.front().parent == large.parent);
    }
  } while (std::next_permutation(order.begin(), order.end(), precedes));
}

TEST_CASE("labels offered by rising weight leave the unbeaten ones") {
  const std::function<bool()> never;
  const Axes all_axes{
      .optimizer = true, .tail = true, .second = true, .third = true, .transient = true};
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    Dice dice(seed);
    std::vector<Label> labels = roll_labels(dice, all_axes);
    Work work(never);
    // Of every second one only the resources weigh, so that ties are met.
    const auto weight = [&](const Label& label) {
      const Time cost = seed % 2 == 0 ? label.cost[0] + label.cost[1] + label.cost[2] : 0;
      return cost + 2 * label.memory + label.transient + label.capped[kOptimizer] +
             label.capped[kTail];
    };
    std::vector<Label> offered = labels;
    std::stable_sort(offered.begin(), offered.end(), [&](const Label& one, const Label& other) {
      return weight(one) < weight(other);
    });
    std::vector<Label> kept;
    for (const Label& label : offered) add_unbeaten(kept, label);
    keep_unbeaten(labels, work);
    for (const Label& label : labels) {
      CHECK(std::count_if(kept.begin(), kept.end(),
                          [&](const Label& other) { return other.item == label.item; }) == 1);
    }
  }
}

TEST_CASE("large numbers that differ little are told apart") {
  const std::function<bool()> never;
  Work work(never);
  // Coarsened to a few hundred steps all but the first look alike in memory, sync and cost[1].
  std::vector<Label> labels{
      {.cost = {0, Time{1} << 50, 1}, .capped = {0, 0, Time{1} << 50}, .memory = Size{1} << 50}};
  for (int i = 1; i <= 20; ++i) {
    labels.push_back({.cost = {i, 40 - i, 1}, .capped = {0, 0, i}, .memory = 40 - i, .item = i});
    labels.push_back({.cost = {i, 41 - i, 1}, .capped = {0, 0, i}, .memory = 40 - i, .item = 100});
  }
  keep_unbeaten(labels, work);
  REQUIRE(labels.size() == 21);
  for (int i = 0; i <= 20; ++i) CHECK(labels[static_cast<std::size_t>(i)].item == i);
}

}  // namespace galvatron::search
