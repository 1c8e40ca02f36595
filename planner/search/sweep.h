// The same model planned for many clusters, batches and budgets, and which of the plans are worth
// having.
//
// Of one cluster and batch the budgets are worked on from the largest down, because a smaller
// budget allows nothing new. A plan that fits the next budget too stays the answer, and the bound
// that certifies it stays a bound. Where nothing fits, nothing fits with less. Otherwise the bound
// of the larger budget is where the search of the smaller one starts: a plan near it ends that
// search. A plan of a smaller budget that turns out faster, within the gap, takes the place of the
// larger one's, so that more memory is never slower.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "planner/search/plan_search.h"

namespace galvatron {

// Answers one point.
using PointSearch = std::function<SearchOutcome(const SearchRequest&, const SearchControl&)>;

// One search per cluster, batch and budget. No list is empty; points come in the order of the
// lists: clusters outermost, budgets innermost. Clusters lack none of their missing_keys.
struct SweepRequest {
  Model model;
  Job job;
  PlanInputs inputs;
  std::vector<Hardware> clusters;
  std::vector<std::int64_t> global_batches;
  std::vector<Bytes> memory_budgets;  // rising
  PointSearch search = search_plan;   // a published profile has one of its own
};

// Where the answer of a point comes from.
enum class SweepOrigin {
  searched,
  larger_budget,  // its answer holds here too
  none,           // not reached
};

struct SweepPoint {
  int nodes = 1;
  int devices = 1;
  std::int64_t global_batch = 1;
  Bytes memory_budget{};
  SweepOrigin origin = SweepOrigin::none;
  SearchEnd end = SearchEnd::finished;  // otherwise the plan is the best so far, or unknown
  std::optional<Plan> plan{};
  std::vector<Shortfall> shortfalls{};  // where nothing fits, by pipeline degree
  bool is_pareto = false;
};

struct SweepStatistics {
  std::int64_t searches = 0;
  std::int64_t kept_plans = 0;        // searches saved by a plan of a larger budget
  std::int64_t known_infeasible = 0;  // and by nothing fitting a larger budget
  std::int64_t pairs = 0;             // of pipeline degree and micro-batches, over all searches
};

struct SweepOutcome {
  std::vector<SweepPoint> points;
  SearchEnd end = SearchEnd::finished;
  SweepStatistics statistics{};
  Seconds elapsed{};
};

struct SweepControl {
  int threads = 1;                      // the plans do not depend on it
  std::optional<Seconds> time_limit{};  // of the whole sweep
  std::function<bool()> interrupted{};  // polled; empty: never
  // Called after every point, never by two threads at once; empty: not.
  std::function<void(std::size_t done, std::size_t all)> progress{};
};

SweepOutcome sweep(const SweepRequest& request, const SweepControl& control);

inline double samples_per_second(const Plan& plan) {
  return static_cast<double>(plan.job.global_batch) / plan.predicted.step.value;
}

// Marks the points that no other one beats: none has at least the throughput with at most the peak
// memory and the devices, one of the three better. Of points equal in all three the one of the
// least budget is marked.
void mark_pareto(std::vector<SweepPoint>& points);

}  // namespace galvatron
