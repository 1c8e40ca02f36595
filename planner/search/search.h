// The search over all pairs of stage count and micro-batches (and schedules), with its certificate.
//
// Candidates come with a bound that costs nothing and a function that builds their Problem. They
// are worked on in rounds of fixed content: first every candidate once, in order of the given
// bounds; then, again and again, those that got least effort so far and among them those of least
// proved bound. The best plan and the stop test are read between rounds only, so the answer does
// not depend on the number of threads. Of equal plans the earlier candidate in (pipeline,
// micro_batches, schedule) order is kept.
//
// A candidate may stand for a family of problems, such as one per strategy that tied layers may
// share. Its own Problem then allows whatever a member allows, so that its bound is one for all of
// them. Only where that bound does not close the family its members take its place.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "planner/search/problem.h"
#include "planner/search/work.h"

namespace galvatron::search {

struct Member {
  Time bound = 0;                    // no plan of this member is faster
  std::function<Problem()> build{};  // called at most once, from any thread
};

struct Candidate {
  int pipeline = 1;
  std::int64_t micro_batches = 1;
  int schedule = 0;                  // rank of the schedule among ties
  Time bound = 0;                    // no plan of this candidate is faster
  std::function<Problem()> build{};  // called at most once, from any thread
  // Of a family, otherwise empty; called at most once, from the thread that called search().
  std::function<std::vector<Member>()> members{};
};

struct Progress {
  Time best = kUnlimited;  // of the plans found so far
  Time bound = 0;
  double gap = 1;
};

struct SearchOptions {
  double gap = 0.001;             // stop when (best - bound) / best is this small
  Time upper_bound = kUnlimited;  // only faster plans are of interest
  Time known_bound = 0;           // no plan of any candidate is faster
  int threads = 1;
  std::function<bool()> stop{};  // polled often, from any thread; true ends the search
  std::function<void(const Progress&)> report{};  // called between rounds
};

struct Plan {
  std::size_t candidate = 0;
  std::size_t member = 0;  // of a family
  Assignment assignment{};
  PlanCost cost{};
};

// What was proved for one stage count.
struct PipelineBound {
  int pipeline = 1;
  Time bound = kUnlimited;     // no plan with so many stages is faster; kUnlimited: none fits
  std::optional<Time> best{};  // the fastest found
};

enum class Outcome {
  solved,       // the plan is within the gap
  no_plan,      // proved: nothing fits, or nothing is faster than upper_bound
  interrupted,  // the best so far, if any, and an honest bound
};

struct SearchResult {
  Outcome outcome = Outcome::no_plan;
  std::optional<Plan> plan{};
  // The best found of other candidates and members that are within the gap as well, fastest first.
  std::vector<Plan> rivals{};
  Time lower_bound = kUnlimited;
  double gap = 1;  // (plan - lower bound) / plan; 1 without a plan
  std::vector<PipelineBound> pipelines{};
  Statistics statistics{};
};

SearchResult search(const std::vector<Candidate>& candidates, const SearchOptions& options);

}  // namespace galvatron::search
