#include "planner/search/label.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <tuple>

namespace galvatron::search {
namespace {

auto order_of(const Label& label) {
  return std::tie(label.cost[0], label.memory, label.capped, label.cost[1], label.cost[2],
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
  return one.memory <= other.memory && no_longer(one.capped, other.capped) &&
         one.cost[1] <= other.cost[1] && one.cost[2] <= other.cost[2];
}

bool beats_in_all(const Label& one, const Label& other) {
  return one.cost[0] <= other.cost[0] && beats(one, other);
}

enum class Axes { memory, memory_and_optimizer, memory_and_tail, memory_and_cost, all };

// Which numbers besides cost[0] tell the labels apart.
Axes axes_of(const std::vector<Label>& labels) {
  bool optimizer = false, tail = false, others = false, cost = false, front = false;
  for (const Label& label : labels) {
    optimizer |= label.capped[kOptimizer] != 0;
    tail |= label.capped[kTail] != 0;
    others |= label.capped[kSync] != 0 || label.capped[kLack] != 0;
    cost |= label.cost[1] != 0;
    front |= label.cost[2] != 0;
  }
  if (front || others || (optimizer && tail) || ((optimizer || tail) && cost)) return Axes::all;
  if (optimizer) return Axes::memory_and_optimizer;
  if (tail) return Axes::memory_and_tail;
  return cost ? Axes::memory_and_cost : Axes::memory;
}

// Labels arrive by rising cost[0], so only the other numbers are compared. With four of them
// nothing better than comparing pairs is known that pays at the sizes met; labels that beat many
// are asked early.
std::vector<Label> unbeaten_by_pairs(const std::vector<Label>& labels, Work& work) {
  std::vector<Label> kept;
  std::vector<std::size_t> asked;  // indices into the kept
  for (const Label& label : labels) {
    const auto beats_it = [&](std::size_t other) { return beats(kept[other], label); };
    const auto winner = std::find_if(asked.begin(), asked.end(), beats_it);
    work.tick();
    if (winner == asked.end()) {
      asked.push_back(kept.size());
      kept.push_back(label);
    } else {
      std::iter_swap(winner, asked.begin() + (winner - asked.begin()) / 2);
    }
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
        return !staircase.add(label.memory, label.capped[kOptimizer]);
      case Axes::memory_and_tail:
        return !staircase.add(label.memory, label.capped[kTail]);
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

std::vector<WeighedLabel> least_unbeaten(std::vector<WeighedLabel> labels, std::size_t most,
                                         Work& work) {
  const auto order = [](const WeighedLabel& one, const WeighedLabel& other) {
    if (one.weight != other.weight) return one.weight < other.weight;
    return order_of(one.label) < order_of(other.label);
  };
  std::sort(labels.begin(), labels.end(), order);
  std::vector<WeighedLabel> kept;
  for (const WeighedLabel& next : labels) {
    if (kept.size() == most) break;
    const bool beaten = std::any_of(kept.begin(), kept.end(), [&](const WeighedLabel& other) {
      return beats_in_all(other.label, next.label);
    });
    work.tick();
    if (!beaten) kept.push_back(next);
  }
  return kept;
}

}  // namespace galvatron::search
