// Moving the tokens of a micro-batch from one layer's layout to the next one's.
//
// Every layout gives every rank of a stage one interval of the micro-batch's tokens. Entering a
// layout, a rank that needs more than it holds gets each missing interval from the rank at its own
// tensor index (of the old layout) among those that hold it. Where every rank of such a set gives
// all it has, all need the same union and rank order is token order, this is an all-gather, whose
// output is the needed tokens as they come; else an all-to-all over the smallest aligned block of
// consecutive ranks that holds what its ranks need. A rank that only needs a part of its own
// slices. Gradients go the other way by the same rule: redistribution(to, from).
#pragma once

#include <cstdint>
#include <vector>

#include "cost_models/layer_collectives.h"
#include "cost_models/rank_group.h"
#include "cost_models/strategy.h"

namespace galvatron {

struct TokenRange {
  std::int64_t begin = 0;
  std::int64_t end = 0;

  bool operator==(const TokenRange&) const = default;
};

constexpr std::int64_t length(const TokenRange& range) { return range.end - range.begin; }

// The tokens of one micro-batch on the devices of one stage.
struct StageTokens {
  int devices = 1;
  std::int64_t tokens = 0;
};

// Tokens split evenly over all devices in rank order: how they pass between stages.
constexpr Layout canonical_layout(int devices) {
  return {.tensor = devices, .data = 1, .sequence_parallel = devices > 1};
}

TokenRange tokens_held(const Layout& layout, const StageTokens& stage, int local_rank);

// True where every rank gets whole tokens, and whole samples per data rank.
bool divides_tokens(const Layout& layout, const StageTokens& stage, std::int64_t tokens_per_sample);

struct TokenMove {
  int peer = 0;  // local rank
  TokenRange tokens{};

  bool operator==(const TokenMove&) const = default;
};

struct Redistribution {
  enum class Kind { none, slice, all_gather, all_to_all } kind = Kind::none;
  RankGroup group{};                // local ranks; {rank} for none and slice
  std::int64_t payload_tokens = 0;  // all-gather: the union; all-to-all: sent by this rank
  std::vector<TokenMove> sends{};   // all-to-all only, by peer; never to the rank itself
  std::vector<TokenMove> receives{};

  bool operator==(const Redistribution&) const = default;
};

Redistribution redistribution(const Layout& from, const Layout& to, const StageTokens& stage,
                              int local_rank);

// What the whole stage does: the kind is the same on every rank; payload is the largest of any.
struct RedistributionShape {
  Redistribution::Kind kind = Redistribution::Kind::none;
  RankGroup group{};
  std::int64_t payload_tokens = 0;

  bool operator==(const RedistributionShape&) const = default;
};

RedistributionShape redistribution_shape(const Layout& from, const Layout& to,
                                         const StageTokens& stage);

}  // namespace galvatron
