#include "planner/search/label.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace galvatron::search {
namespace {

auto order_of(const Label& label) {
  return std::tie(label.cost[0], label.memory, label.optimizer, label.cost[1], label.cost[2],
                  label.parent, label.item);
}

// Points (x, y) of which none is beaten: y falls strictly as x grows.
class Staircase {
 public:
  // False when a point no larger in both is there already.
  bool add(std::int64_t x, std::int64_t y) {
    auto after = steps_.upper_bound(x);
    if (after != steps_.begin() && std::prev(after)->second <= y) return false;
    after = steps_.lower_bound(x);
    while (after != steps_.end() && after->second >= y) after = steps_.erase(after);
    steps_.emplace_hint(after, x, y);
    return true;
  }

 private:
  std::map<std::int64_t, std::int64_t> steps_;
};

bool beats(const Label& one, const Label& other) {
  return one.memory <= other.memory && one.optimizer <= other.optimizer &&
         one.cost[1] <= other.cost[1] && one.cost[2] <= other.cost[2];
}

enum class Axes { memory, memory_and_optimizer, memory_and_cost, all };

// Which numbers besides cost[0] tell the labels apart.
Axes axes_of(const std::vector<Label>& labels) {
  bool optimizer = false, cost = false, front = false;
  for (const Label& label : labels) {
    optimizer |= label.optimizer != 0;
    cost |= label.cost[1] != 0;
    front |= label.cost[2] != 0;
  }
  if (front || (optimizer && cost)) return Axes::all;
  if (optimizer) return Axes::memory_and_optimizer;
  return cost ? Axes::memory_and_cost : Axes::memory;
}

// Labels arrive by rising cost[0], so only the other numbers are compared. With four of them
// nothing better than comparing pairs is known that pays at the sizes met.
std::vector<Label> unbeaten_by_pairs(const std::vector<Label>& labels, Work& work) {
  std::vector<Label> kept;
  for (const Label& label : labels) {
    bool beaten = false;
    for (const Label& other : kept) {
      beaten = beats(other, label);
      if (beaten) break;
    }
    work.tick();
    if (!beaten) kept.push_back(label);
  }
  return kept;
}

}  // namespace

void keep_unbeaten(std::vector<Label>& labels, Work& work) {
  if (labels.size() < 2) return;
  std::sort(labels.begin(), labels.end(),
            [](const Label& left, const Label& right) { return order_of(left) < order_of(right); });
  const Axes axes = axes_of(labels);
  if (axes == Axes::all) {
    labels = unbeaten_by_pairs(labels, work);
    return;
  }
  Staircase staircase;
  Size least_memory = kUnlimited;
  std::erase_if(labels, [&](const Label& label) {
    work.tick();
    switch (axes) {
      case Axes::memory_and_optimizer:
        return !staircase.add(label.memory, label.optimizer);
      case Axes::memory_and_cost:
        return !staircase.add(label.memory, label.cost[1]);
      case Axes::memory:
      case Axes::all:
        break;
    }
    if (label.memory >= least_memory) return true;
    least_memory = label.memory;
    return false;
  });
}

}  // namespace galvatron::search
