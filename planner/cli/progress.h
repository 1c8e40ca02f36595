// One line on standard error while something takes long: best so far, bound, gap, or what is asked.
#pragma once

#include <chrono>
#include <string>

#include "planner/cli/terminal.h"
#include "planner/search/plan_search.h"

namespace galvatron {

class ProgressLine {
 public:
  explicit ProgressLine(const Terminal& terminal) : terminal_(terminal) {}

  // Both rewrite the line, at most ten times a second and not within the first second.
  void show(const SearchProgress& progress);
  void show(const std::string& text);

  // Removes it.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;

  Terminal terminal_;
  Clock::time_point begin_ = Clock::now();
  Clock::time_point last_ = begin_;
  bool shown_ = false;
};

}  // namespace galvatron
