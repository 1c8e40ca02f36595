#include "executor/data/masked_bytes.h"

#include <array>

namespace galvatron {
namespace {

constexpr double kTargets = 0.15;
constexpr double kMasked = 0.8;    // of the targets
constexpr double kReplaced = 0.1;  // of the targets

}  // namespace

Sample masked_sample(std::vector<std::int64_t> bytes, const RandomStream& stream) {
  Sample sample{.tokens = std::move(bytes), .targets = {}};
  const auto length = static_cast<std::int64_t>(sample.tokens.size());
  constexpr std::int64_t kDraws = 3;  // per position: target or not, what it sees, which byte
  std::vector<float> draws(static_cast<std::size_t>(kDraws * length));
  const std::array<ElementRange, 1> range{{{0, kDraws * length}}};
  fill_uniform(stream, range, draws);
  for (std::size_t i = 0; i < sample.tokens.size(); ++i) {
    const double target = draws[3 * i];
    const double sight = draws[3 * i + 1];
    const double other = draws[3 * i + 2];
    sample.targets.push_back(target < kTargets ? sample.tokens[i] : kIgnoredTarget);
    if (target >= kTargets) continue;
    if (sight < kMasked) {
      sample.tokens[i] = kMaskOfBytes;
    } else if (sight < kMasked + kReplaced) {
      sample.tokens[i] = static_cast<std::int64_t>(other * kMaskOfBytes);
    }
  }
  return sample;
}

}  // namespace galvatron
