#include "executor/train/progress_bar.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdio>

namespace galvatron {
namespace {

constexpr std::int64_t kWidth = 24;
constexpr double kShareOfNewest = 0.1;

}  // namespace

std::string clock_text(Seconds time) {
  const auto seconds = static_cast<std::int64_t>(std::llround(time.value));
  const std::int64_t minutes = seconds / 60;
  if (minutes < 60) return fmt::format("{}:{:02}", minutes, seconds % 60);
  return fmt::format("{}:{:02}:{:02}", minutes / 60, minutes % 60, seconds % 60);
}

std::string progress_text(std::int64_t done, std::int64_t steps, Seconds left) {
  const auto filled = static_cast<std::size_t>(kWidth * done / steps);
  return fmt::format("[{}{}] {}/{}  {} %  {} left", std::string(filled, '#'),
                     std::string(static_cast<std::size_t>(kWidth) - filled, '-'), done, steps,
                     100 * done / steps, clock_text(left));
}

void ProgressBar::show(std::int64_t done, Seconds duration) {
  usual_ = usual_.value == 0 ? duration : usual_ + kShareOfNewest * (duration - usual_);
  shown_ = true;
  fmt::print(stderr, "\r\x1b[K{}",
             progress_text(done, steps_, static_cast<double>(steps_ - done) * usual_));
  std::fflush(stderr);
}

void ProgressBar::clear() {
  if (shown_) fmt::print(stderr, "\r\x1b[K");
  shown_ = false;
}

}  // namespace galvatron
