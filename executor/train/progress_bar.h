// One line on standard error that says how far a run has come, for a person who watches it.
#pragma once

#include <cstdint>
#include <string>

#include "cost_models/units.h"

namespace galvatron {

// "[######------------------] 15/60  25 %  1:23 left"
std::string progress_text(std::int64_t done, std::int64_t steps, Seconds left);

// "0:07", "12:34", "3:02:05"
std::string clock_text(Seconds time);

class ProgressBar {
 public:
  explicit ProgressBar(std::int64_t steps) : steps_(steps) {}
  ~ProgressBar() { clear(); }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  // Draws the line anew after a step that took `duration`.
  void show(std::int64_t done, Seconds duration);
  // Takes the line away, so that something else can be printed.
  void clear();

 private:
  std::int64_t steps_;
  Seconds usual_{};  // duration of a step: recent ones count most
  bool shown_ = false;
};

}  // namespace galvatron
