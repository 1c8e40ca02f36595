#include "planner/cli/progress.h"

#include <fmt/format.h>

#include <cstdio>
#include <string>

#include "planner/cli/quantity_text.h"

namespace galvatron {

void ProgressLine::show(const SearchProgress& progress) {
  const std::string best = progress.best ? seconds_text(*progress.best) : "none yet";
  show(fmt::format("best {}, bound {}, gap {:.2f} %", best, seconds_text(progress.lower_bound),
                   progress.gap * 100));
}

void ProgressLine::show(const std::string& text) {
  using std::chrono::milliseconds;
  const Clock::time_point now = Clock::now();
  if (!terminal_.progress || now - begin_ < milliseconds(1000) || now - last_ < milliseconds(100)) {
    return;
  }
  last_ = now;
  shown_ = true;
  fmt::print(stderr, "\r\x1b[K{}", text);
  std::fflush(stderr);
}

void ProgressLine::clear() {
  if (shown_) fmt::print(stderr, "\r\x1b[K");
  shown_ = false;
}

}  // namespace galvatron
