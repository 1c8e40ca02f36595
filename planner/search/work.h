// What every part of the search carries along: counters, and the question whether to go on.
#pragma once

#include <cstdint>
#include <functional>

#include "planner/search/statistics.h"

namespace galvatron::search {

// Thrown out of whatever is being worked on when the search must stop. Bounds and plans proved
// before stay; what was under way counts for nothing.
struct Interrupted {};

class Work {
 public:
  // `stop` may be empty; it must outlive this object and be callable from any thread.
  explicit Work(const std::function<bool()>& stop) : stop_(&stop) {}

  // To be called about once per microsecond of work.
  void tick() {
    if ((++ticks_ & 0x3ff) == 0) check();
  }
  void check() const {
    if (*stop_ && (*stop_)()) throw Interrupted{};
  }

  Statistics statistics{};

 private:
  const std::function<bool()>* stop_;
  std::uint32_t ticks_ = 0;
};

}  // namespace galvatron::search
