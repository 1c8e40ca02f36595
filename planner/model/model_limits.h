// Sizes that a model may have: far beyond any that exists, small enough that bytes and FLOP of a
// whole cluster stay below 2^63.
#pragma once

#include "planner/files/read_value.h"

namespace galvatron {

inline constexpr Range kVocabularyRange = between(1, 1 << 28);
inline constexpr Range kPositionsRange = between(1, 1 << 26);
inline constexpr Range kHiddenRange = between(1, 1 << 20);
inline constexpr Range kLayersRange = between(1, 1 << 14);
inline constexpr Range kHeadsRange = between(1, 1 << 16);
inline constexpr Range kHeadSizeRange = between(1, 1 << 14);
inline constexpr Range kMlpWidthRange = between(1, 1 << 22);
inline constexpr Range kBucketsRange = between(4, 1 << 16);
inline constexpr Range kMlpRatioRange = {.most = 1 << 10, .above = 0};
inline constexpr Range kImageRange = between(1, 1 << 14);
inline constexpr Range kEpsilonRange = between(0, 1);
inline constexpr Range kDeviationRange = between(0, 1000);
inline constexpr Range kDropoutRange = between(0, 1);
inline constexpr Range kRopeRange = greater_than(0);

}  // namespace galvatron
