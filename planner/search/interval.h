// Which stages are the same stage.
//
// The value of a stage depends on the types of its layers, not on where it lies. So intervals of
// the chain get a key by their sequence of types, and everything known about one of them serves
// all: the blocks of a transformer give one key per length, not one per place.
#pragma once

#include <vector>

#include "planner/search/problem.h"

namespace galvatron::search {

// Consecutive layers of one type.
struct Run {
  int type = 0;
  int count = 0;
  bool operator==(const Run&) const = default;
};

struct Interval {
  std::vector<Run> runs{};
  int length = 0;
};

class IntervalKeys {
 public:
  explicit IntervalKeys(const std::vector<int>& layers);

  // Key of layers [begin, end), 0 <= begin < end <= number of layers.
  int key(int begin, int end) const { return keys_[slot(begin, end)]; }
  const Interval& interval(int key) const { return intervals_[static_cast<std::size_t>(key)]; }
  int count() const { return static_cast<int>(intervals_.size()); }

 private:
  std::size_t slot(int begin, int end) const {
    return static_cast<std::size_t>(begin) * (layers_ + 1) + static_cast<std::size_t>(end);
  }

  std::size_t layers_;
  std::vector<int> keys_;  // [begin][end]
  std::vector<Interval> intervals_;
};

}  // namespace galvatron::search
