// What one training sample brings, and what a model learns from it.
#pragma once

#include <cstdint>
#include <vector>

namespace galvatron {

// The target of a position that is not trained on.
inline constexpr std::int64_t kIgnoredTarget = -100;

// What the head predicts.
//
//   next_token       of each position the token after it
//   masked_token     of some positions the token that stood there
//   sentence_pair    masked_token, and of each sample whether its second sentence follows the first
//   image_class      of each image its class
//   target_sequence  of each sample a sequence of its own; its decoder reads what comes before
enum class Objective { next_token, masked_token, sentence_pair, image_class, target_sequence };

constexpr bool masks_tokens(Objective objective) {
  return objective == Objective::masked_token || objective == Objective::sentence_pair;
}

// S tokens, or one image. What a model does not read is empty, for all samples of a source alike.
struct Sample {
  std::vector<std::int64_t> tokens;   // [S] ids
  std::vector<std::int64_t> targets;  // [S] ids, of an image [1], of a decoder its own length; or
                                      // kIgnoredTarget
  std::vector<std::int64_t> token_types = {};    // [S]; empty: all of type 0
  std::vector<std::int64_t> seen = {};           // [S], 0 where attention must not look; empty: all
  std::vector<std::int64_t> next_sentence = {};  // [1] 0: it follows, 1: it does not
  std::vector<float> pixels = {};                // [channels, height, width]
  std::vector<std::int64_t> decoder_tokens = {};  // ids, as many as targets

  bool operator==(const Sample&) const = default;
};

}  // namespace galvatron
