// When to stop: a limit on time, and whoever interrupts. Asked from any thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <utility>

#include "cost_models/units.h"

namespace galvatron {

class Deadline {
 public:
  // Time runs from here on. No limit: never late; an empty function: never interrupted.
  Deadline(std::optional<Seconds> limit, std::function<bool()> interrupted)
      : limit_(limit), interrupted_(std::move(interrupted)) {}

  Seconds elapsed() const { return {std::chrono::duration<double>(Clock::now() - begin_).count()}; }
  bool late() const { return limit_ && elapsed() > *limit_; }
  bool interrupted() const { return interrupted_ && interrupted_(); }
  bool passed() const { return interrupted() || late(); }

  // Of the limit, for work that has one of its own. Never negative.
  std::optional<Seconds> left() const {
    if (!limit_) return std::nullopt;
    return std::max(Seconds{0}, *limit_ - elapsed());
  }

 private:
  using Clock = std::chrono::steady_clock;

  std::optional<Seconds> limit_;
  std::function<bool()> interrupted_;
  Clock::time_point begin_ = Clock::now();
};

}  // namespace galvatron
