// From a model, a cluster and a memory budget to the plan of least step time, with its certificate.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cost_models/units.h"
#include "planner/plan/plan.h"

namespace galvatron {

struct SearchRequest {
  Model model;
  Job job;                                   // its global batch is one of the next
  std::vector<std::int64_t> global_batches;  // of several, the most samples per second win
  PlanInputs inputs;
  std::int64_t known_bound = 0;  // picoseconds: no plan of any of the batches takes less
};

struct SearchProgress {
  std::optional<Seconds> best;  // closed form of the best plan so far
  Seconds lower_bound;
  double gap = 1;
};

struct SearchControl {
  int threads = 1;
  std::optional<Seconds> time_limit;
  std::function<bool()> interrupted;  // polled; empty: never
  std::function<void(const SearchProgress&)> progress;
};

enum class SearchEnd { finished, time_limit, interrupted };

// Why no plan with this many stages fits: the least any of them needs, on the stage that needs
// most.
struct Shortfall {
  int pipeline = 1;
  std::int64_t micro_batches = 1;
  int stage = 0;
  Bytes least;
  // The largest part of it: "states", "activations", "transient", "fixed"; empty: not known.
  std::string category;

  bool operator==(const Shortfall&) const = default;
};

struct SearchStatistics {
  std::int64_t pairs = 0;       // of pipeline degree and micro-batches
  std::int64_t strategies = 0;  // of all layer types, before pruning, over all pairs
  std::int64_t labels = 0;      // partial stages kept
  std::int64_t bounds = 0;      // bounds computed
  std::int64_t pruned = 0;      // partial stages that a bound or a better one removed

  bool operator==(const SearchStatistics&) const = default;
};

struct SearchOutcome {
  std::optional<Plan> plan;
  std::vector<Shortfall> shortfalls;  // where nothing fits, by pipeline degree
  SearchEnd end = SearchEnd::finished;
  std::int64_t bound = 0;  // picoseconds: as proved, no plan of any of the batches takes less
  SearchStatistics statistics;
  Seconds elapsed;
};

// Requires inputs whose restrictions read_space accepts, and hardware that lacks none of its
// missing_keys.
SearchOutcome search_plan(const SearchRequest& request, const SearchControl& control);

}  // namespace galvatron
