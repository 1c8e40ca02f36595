#include "planner/schedule/stage_clock.h"

#include <algorithm>

namespace galvatron {

void StageClock::compute(Seconds work) {
  while (!queue_.empty()) {
    Transfer& head = queue_.front();
    const Seconds until_computed = work * head.remaining.slowdowns.compute;
    const Seconds until_moved = head.remaining.time * head.remaining.slowdowns.traffic;
    if (until_computed <= until_moved) {
      now_ += until_computed;
      head.remaining.time -= until_computed / head.remaining.slowdowns.traffic;
      return;
    }
    now_ += until_moved;
    work -= until_moved / head.remaining.slowdowns.compute;
    finish_head();
  }
  now_ += work;
}

void StageClock::idle_until(Seconds time) {
  while (!queue_.empty() && now_ < time) {
    Transfer& head = queue_.front();
    if (now_ + head.remaining.time > time) {
      head.remaining.time -= time - now_;
      break;
    }
    now_ += head.remaining.time;
    finish_head();
  }
  now_ = std::max(now_, time);
}

int StageClock::enqueue(const Transmission& transmission) {
  queue_.push_back({.remaining = transmission, .begin = now_});
  return static_cast<int>(finished_.size() + queue_.size()) - 1;
}

void StageClock::drain(int transfer) {
  while (static_cast<int>(finished_.size()) <= transfer) {
    now_ += queue_.front().remaining.time;
    finish_head();
  }
}

void StageClock::finish_head() {
  finished_.push_back({.begin = queue_.front().begin, .end = now_});
  queue_.pop_front();
  if (!queue_.empty()) queue_.front().begin = now_;
}

}  // namespace galvatron
