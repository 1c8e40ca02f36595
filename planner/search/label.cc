#include "planner/search/label.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <tuple>
#include <utility>

namespace galvatron::search {
namespace {

auto numbers_of(const Label& label) {
  return std::tie(label.cost[0], label.memory, label.transient, label.capped, label.cost[1],
                  label.cost[2]);
}

bool comes_before(const Label& one, const Label& other) {
  const auto mine = numbers_of(one), its = numbers_of(other);
  if (mine != its) return mine < its;
  return precedes(one, other);
}

// Mostly cost[0] tells where a label belongs, so that little is moved.
std::vector<Label> sorted(const std::vector<Label>& labels) {
  std::vector<std::pair<Time, const Label*>> order;
  order.reserve(labels.size());
  for (const Label& label : labels) order.emplace_back(label.cost[0], &label);
  std::sort(order.begin(), order.end(), [](const auto& one, const auto& other) {
    return one.first != other.first ? one.first < other.first
                                    : comes_before(*one.second, *other.second);
  });
  std::vector<Label> result;
  result.reserve(labels.size());
  for (const auto& [cost, label] : order) result.push_back(*label);
  return result;
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
  return one.memory <= other.memory &&
         one.memory + one.transient <= other.memory + other.transient &&
         no_longer(one.capped, other.capped) && one.cost[1] <= other.cost[1] &&
         one.cost[2] <= other.cost[2];
}

bool beats_in_all(const Label& one, const Label& other) {
  return one.cost[0] <= other.cost[0] && beats(one, other);
}

enum class Axes {
  memory,
  memory_and_optimizer,
  memory_and_tail,
  memory_and_cost,
  memory_and_transient,
  all
};

// Which numbers besides cost[0] tell the labels apart.
Axes axes_of(const std::vector<Label>& labels) {
  bool optimizer = false, tail = false, others = false, cost = false, front = false;
  bool transient = false;
  for (const Label& label : labels) {
    optimizer |= label.capped[kOptimizer] != 0;
    tail |= label.capped[kTail] != 0;
    others |= label.capped[kSync] != 0 || label.capped[kLack] != 0;
    cost |= label.cost[1] != 0;
    front |= label.cost[2] != 0;
    transient |= label.transient != 0;
  }
  if (front || others || optimizer + tail + cost + transient > 1) return Axes::all;
  if (transient) return Axes::memory_and_transient;
  if (optimizer) return Axes::memory_and_optimizer;
  if (tail) return Axes::memory_and_tail;
  return cost ? Axes::memory_and_cost : Axes::memory;
}

// The numbers besides cost[0] of some labels, coarsened to the fields of one word each: no field of
// a label that beats another is larger than the other's. The bit above each field is left free.
class Sketches {
 public:
  using Numbers = std::array<std::int64_t, 8>;

  explicit Sketches(const std::vector<Label>& labels) {
    least_ = numbers_of(labels.front());
    Numbers most = least_;
    for (const Label& label : labels) {
      const Numbers numbers = numbers_of(label);
      for (std::size_t i = 0; i < numbers.size(); ++i) {
        least_[i] = std::min(least_[i], numbers[i]);
        most[i] = std::max(most[i], numbers[i]);
      }
    }
    for (std::size_t i = 0; i < most.size(); ++i) {
      while ((most[i] - least_[i]) >> dropped_[i] >= kLevels) ++dropped_[i];
    }
  }

  std::uint64_t of(const Label& label) const {
    const Numbers numbers = numbers_of(label);
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      word = word << kBits | static_cast<std::uint64_t>((numbers[i] - least_[i]) >> dropped_[i]);
    }
    return word;
  }

  // A field that is larger borrows the free bit of the other's.
  static bool may_beat(std::uint64_t one, std::uint64_t other) {
    return (((other | kFree) - one) & kFree) == kFree;
  }

 private:
  static constexpr int kBits = 8;
  static constexpr std::int64_t kLevels = std::int64_t{1} << (kBits - 1);
  static constexpr std::uint64_t kFree = 0x8080'8080'8080'8080;

  static Numbers numbers_of(const Label& label) {
    return {label.memory,
            label.memory + label.transient,
            label.capped[kOptimizer],
            label.capped[kTail],
            label.capped[kSync],
            label.capped[kLack],
            label.cost[1],
            label.cost[2]};
  }

  Numbers least_{};
  std::array<int, 8> dropped_{};  // low bits
};

// Labels arrive by rising cost[0], so only the other numbers are compared, first in their sketches.
// With four of them nothing better than comparing pairs is known that pays at the sizes met; labels
// that beat many are asked early.
std::vector<Label> unbeaten_by_pairs(const std::vector<Label>& labels, Work& work) {
  struct Asked {
    std::uint64_t sketch;
    std::size_t kept;
  };
  const Sketches sketches(labels);
  std::vector<Label> kept;
  std::vector<Asked> asked;
  for (const Label& label : labels) {
    const std::uint64_t sketch = sketches.of(label);
    const auto winner = std::find_if(asked.begin(), asked.end(), [&](const Asked& other) {
      return Sketches::may_beat(other.sketch, sketch) && beats(kept[other.kept], label);
    });
    work.tick();
    if (winner == asked.end()) {
      asked.push_back({sketch, kept.size()});
      kept.push_back(label);
    } else {
      std::iter_swap(winner, asked.begin() + (winner - asked.begin()) / 2);
    }
  }
  return kept;
}

}  // namespace

bool precedes(const Label& one, const Label& other) {
  return one.item != other.item ? one.item > other.item : one.parent < other.parent;
}

void keep_unbeaten(std::vector<Label>& labels, Work& work) {
  if (labels.size() < 2) return;
  labels = sorted(labels);
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
      case Axes::memory_and_transient:
        return !staircase.add(label.memory, label.memory + label.transient);
      case Axes::memory:
      case Axes::all:
        break;
    }
    if (label.memory >= least_memory) return true;
    least_memory = label.memory;
    return false;
  });
}

void add_unbeaten(std::vector<Label>& labels, const Label& label) {
  const auto winner = std::find_if(labels.begin(), labels.end(),
                                   [&](const Label& other) { return beats_in_all(other, label); });
  if (winner == labels.end()) {
    labels.push_back(label);
  } else if (precedes(label, *winner) && numbers_of(label) == numbers_of(*winner)) {
    *winner = label;
  }
}

}  // namespace galvatron::search
