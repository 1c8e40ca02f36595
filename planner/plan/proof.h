// What the lower bound of a plan rests on: prices that anybody can multiply out again.
//
// For each pair of stages and micro-batches that a bound without memory does not close, the proof
// keeps what a step takes at least and the prices that show it. planner/review/priced_chain.h says
// why any prices that are not negative give a valid bound; bad ones only give a low one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cost_models/units.h"

namespace galvatron {

// What one stage is charged for what it holds.
struct StagePrice {
  double memory = 0;     // picoseconds per byte
  double optimizer = 0;  // per picosecond of optimizer time
  double share = 0;      // of the first stage, how much of it counts as the slowest, 0 to 1

  bool operator==(const StagePrice&) const = default;
};

struct StagePrices {
  int stage = 0;  // the first one of those that hold as many micro-batches; stage 0 stands alone
  std::vector<StagePrice> prices{};

  bool operator==(const StagePrices&) const = default;
};

struct PairProof {
  std::int64_t global_batch = 1;
  int pipeline = 1;
  std::int64_t micro_batches = 1;
  std::optional<int> member{};        // of the pair's problems; absent: of all at once
  std::int64_t bound = 0;             // picoseconds that no plan of it stays below
  std::vector<std::int64_t> cells{};  // ascending: the largest optimizer time of all but the last
  std::vector<StagePrices> stages{};

  bool operator==(const PairProof&) const = default;
};

// One part of what was searched, and the fingerprint of its text.
struct SearchedPart {
  std::string name;
  std::string hash;

  bool operator==(const SearchedPart&) const = default;
};

struct Proof {
  Seconds bound{};                       // that the prices prove, for the batch of the plan
  std::vector<SearchedPart> searched{};  // model, job, memory, search, hardware, runtime
  std::vector<std::int64_t> global_batches{};
  std::vector<PairProof> pairs{};

  bool operator==(const Proof&) const = default;
};

}  // namespace galvatron
