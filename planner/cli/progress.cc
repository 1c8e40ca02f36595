#include "planner/cli/progress.h"

#include <fmt/format.h>

#include <cstdio>
#include <string>

#include "planner/cli/quantity_text.h"

namespace galvatron {

void ProgressLine::show(const SearchProgress& progress) {
  using std::chrono::milliseconds;
  const Clock::time_point now = Clock::now();
  if (!terminal_.progress || now - begin_ < milliseconds(1000) || now - last_ < milliseconds(100)) {
    return;
  }
  last_ = now;
  shown_ = true;
  const std::string best = progress.best ? seconds_text(*progress.best) : "none yet";
  fmt::print(stderr, "\r\x1b[Kbest {}, bound {}, gap {:.2f} %", best,
             seconds_text(progress.lower_bound), progress.gap * 100);
  std::fflush(stderr);
}

void ProgressLine::clear() {
  if (shown_) fmt::print(stderr, "\r\x1b[K");
  shown_ = false;
}

}  // namespace galvatron
