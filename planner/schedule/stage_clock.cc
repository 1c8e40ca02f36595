#include "planner/schedule/stage_clock.h"

#include <algorithm>

namespace galvatron {

void StageClock::compute(Seconds work) {
  while (!queue_.empty()) {
    Transfer& head = queue_.front();
    const Seconds until_computed = work * rule_.compute_slowdown;
    const Seconds until_moved = head.remaining * rule_.traffic_slowdown;
    if (until_computed <= until_moved) {
      now_ += until_computed;
      head.remaining -= until_computed / rule_.traffic_slowdown;
      return;
    }
    now_ += until_moved;
    work -= until_moved / rule_.compute_slowdown;
    finish_head();
  }
  now_ += work;
}

void StageClock::idle_until(Seconds time) {
  while (!queue_.empty() && now_ < time) {
    Transfer& head = queue_.front();
    if (now_ + head.remaining > time) {
      head.remaining -= time - now_;
      break;
    }
    now_ += head.remaining;
    finish_head();
  }
  now_ = std::max(now_, time);
}

int StageClock::enqueue(Seconds work) {
  queue_.push_back({.remaining = work, .begin = now_});
  return static_cast<int>(finished_.size() + queue_.size()) - 1;
}

void StageClock::drain(int transfer) {
  while (static_cast<int>(finished_.size()) <= transfer) {
    now_ += queue_.front().remaining;
    finish_head();
  }
}

void StageClock::finish_head() {
  finished_.push_back({.begin = queue_.front().begin, .end = now_});
  queue_.pop_front();
  if (!queue_.empty()) queue_.front().begin = now_;
}

}  // namespace galvatron
