#include "executor/profile/made_up_samples.h"

namespace galvatron {
namespace {

constexpr std::int64_t kPositionsPerTarget = 7;

// Scattered over [0, limit), by place.
std::int64_t scattered(std::int64_t number, std::int64_t place, std::int64_t limit) {
  constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15;  // 2^64 over the golden ratio
  const std::uint64_t mixed = (static_cast<std::uint64_t>(number * 8191 + place) * kOdd) >> 24;
  return static_cast<std::int64_t>(mixed % static_cast<std::uint64_t>(limit));
}

std::vector<std::int64_t> ids(std::int64_t count, std::int64_t number, std::int64_t limit) {
  std::vector<std::int64_t> values;
  for (std::int64_t place = 0; place < count; ++place) {
    values.push_back(scattered(number, place, limit));
  }
  return values;
}

Sample image(const RowLimits& limits, std::int64_t number) {
  Sample sample{.tokens = {}, .targets = {scattered(number, 0, limits.vocabulary)}};
  std::int64_t pixels = 1;
  for (const std::int64_t extent : limits.image_shape) pixels *= extent;
  for (const std::int64_t value : ids(pixels, number, 256)) {
    sample.pixels.push_back(static_cast<float>(value) / 256.0F);
  }
  return sample;
}

void keep_some_targets(Sample& sample) {
  for (std::size_t place = 0; place < sample.targets.size(); ++place) {
    if (place % kPositionsPerTarget != 0) sample.targets[place] = kIgnoredTarget;
  }
}

}  // namespace

Sample made_up_sample(const RowLimits& limits, std::int64_t number) {
  if (limits.objective == Objective::image_class) return image(limits, number);
  const std::int64_t tokens = limits.sequence_length;
  Sample sample{.tokens = ids(tokens, number, limits.vocabulary),
                .targets = ids(tokens, number + 1, limits.vocabulary)};
  if (masks_tokens(limits.objective)) keep_some_targets(sample);
  if (limits.objective == Objective::sentence_pair) {
    sample.token_types = ids(tokens, number + 2, limits.token_types);
    sample.next_sentence = {number % 2};
  }
  if (limits.objective == Objective::target_sequence) {
    sample.targets = ids(limits.target_length, number + 1, limits.vocabulary);
    sample.decoder_tokens = ids(limits.target_length, number + 3, limits.vocabulary);
  }
  return sample;
}

}  // namespace galvatron
