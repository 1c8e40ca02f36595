// The search of the published system, exact: over its strategies, stage counts and batches, under
// its cost model. Stage boundaries follow its rule, every stage is solved by itself for the least
// time that fits, and the batch of most samples per second wins.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "cost_models/published_stages.h"
#include "planner/search/space.h"

namespace galvatron {

// The published space under restrictions: pipeline, tensor, data, order and zero, of which it has 0
// and 3. Any other axis is a problem.
SpaceReading read_published_space(const std::vector<AxisRestriction>& only, Runtime runtime);

struct PublishedRequest {
  const PublishedCosts& costs;
  const PublishedModel& model;
  SearchSpace space{};
  std::vector<std::int64_t>
      global_batches;  // rising; those behind the first that cannot fit end it
  Bytes memory_budget;
};

struct PublishedPlan {
  std::int64_t global_batch = 1;
  PublishedAssignment assignment{};
  Seconds step{};
  Bytes peak{};

  bool operator==(const PublishedPlan&) const = default;
};

inline int pipeline_degree(const PublishedPlan& plan) {
  return static_cast<int>(plan.assignment.stage_begins.size());
}
inline double samples_per_second(const PublishedPlan& plan) {
  return static_cast<double>(plan.global_batch) / plan.step.value;
}

// Why the smallest batch does not fit on so many stages: what one of them needs at least.
struct PublishedShortfall {
  int pipeline = 1;
  int stage = 0;
  Bytes least{};

  bool operator==(const PublishedShortfall&) const = default;
};

struct PublishedOutcome {
  std::optional<PublishedPlan> best;           // of most samples per second
  std::optional<PublishedPlan> largest;        // of the largest batch that fits
  std::vector<PublishedShortfall> shortfalls;  // where nothing fits
  int pairs = 0;                               // of batch and stage count that fit
  int solved = 0;                              // of these, those that a bound did not close
};

PublishedOutcome search_published(const PublishedRequest& request);

}  // namespace galvatron
