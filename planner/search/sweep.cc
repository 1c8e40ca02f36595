#include "planner/search/sweep.h"

#include <algorithm>
#include <mutex>
#include <span>
#include <utility>

#include "planner/search/certificate.h"
#include "planner/search/deadline.h"
#include "planner/search/parallel.h"

namespace galvatron {
namespace {

// What a point is compared by.
struct Worth {
  double throughput = 0;
  Bytes peak{};
  int devices = 1;

  bool operator==(const Worth&) const = default;
};

Worth worth_of(const SweepPoint& point) {
  return {samples_per_second(*point.plan), peak_bytes(*point.plan), point.devices};
}

bool beats(const SweepPoint& one, const SweepPoint& other) {
  const Worth mine = worth_of(one), its = worth_of(other);
  if (mine == its) return one.memory_budget < other.memory_budget;
  return mine.throughput >= its.throughput && mine.peak <= its.peak && mine.devices <= its.devices;
}

bool is_faster(const Plan& one, const Plan& other) {
  return one.predicted.step < other.predicted.step &&
         one.predicted.closed_form <= other.predicted.closed_form;
}

// The points of one cluster and batch, by rising budget.
class Chain {
 public:
  explicit Chain(std::span<SweepPoint> points) : points_(points) {}

  SweepPoint& at(std::size_t index) const { return points_[index]; }

  // Whether the next larger budget's answer is one for this point.
  bool take_answer_of_larger(std::size_t index) const {
    if (index + 1 == points_.size()) return false;
    const SweepPoint& larger = at(index + 1);
    SweepPoint& point = at(index);
    const bool holds =
        larger.plan ? peak_bytes(*larger.plan) <= point.memory_budget : is_infeasible(larger);
    if (!holds) return false;
    point.origin = SweepOrigin::larger_budget;
    point.end = larger.end;
    point.shortfalls = larger.shortfalls;
    if (larger.plan) point.plan = with_budget(*larger.plan, point.memory_budget);
    return true;
  }

  // More memory is never slower: a faster plan of a smaller budget is one for this point, too.
  void take_faster_of_smaller() const {
    for (std::size_t index = 1; index < points_.size(); ++index) {
      const SweepPoint& smaller = at(index - 1);
      SweepPoint& point = at(index);
      if (!smaller.plan || !point.plan || !is_faster(*smaller.plan, *point.plan)) continue;
      const Seconds bound = point.plan->certificate->lower_bound;
      point.plan = with_budget(*smaller.plan, point.memory_budget);
      point.plan->certificate = certificate_of(*point.plan, bound);
    }
  }

 private:
  static bool is_infeasible(const SweepPoint& point) {
    return point.origin != SweepOrigin::none && point.end == SearchEnd::finished && !point.plan;
  }

  static Plan with_budget(Plan plan, Bytes budget) {
    plan.inputs->memory_budget = budget;
    return plan;
  }

  std::span<SweepPoint> points_;
};

class Sweep {
 public:
  Sweep(const SweepRequest& request, const SweepControl& control)
      : request_(request),
        control_(control),
        deadline_(control.time_limit, control.interrupted),
        chains_(request.clusters.size() * request.global_batches.size()) {
    for (const Hardware& cluster : request.clusters) {
      for (const std::int64_t batch : request.global_batches) {
        for (const Bytes budget : request.memory_budgets) {
          outcome_.points.push_back({.nodes = cluster.nodes,
                                     .devices = device_count(cluster),
                                     .global_batch = batch,
                                     .memory_budget = budget});
        }
      }
    }
  }

  // Chains share nothing, so that they may run beside each other.
  SweepOutcome run() {
    search::for_each_index(chains_, control_.threads,
                           [&](std::size_t chain) { solve_chain(chain); });
    for (const SweepPoint& point : outcome_.points) {
      if (outcome_.end != SearchEnd::interrupted && point.end != SearchEnd::finished) {
        outcome_.end = point.end;
      }
    }
    mark_pareto(outcome_.points);
    outcome_.elapsed = deadline_.elapsed();
    return std::move(outcome_);
  }

 private:
  void solve_chain(std::size_t number) {
    const std::size_t budgets = request_.memory_budgets.size();
    const Chain chain(std::span(outcome_.points).subspan(number * budgets, budgets));
    SearchRequest search{.model = request_.model,
                         .job = request_.job,
                         .global_batches = {chain.at(0).global_batch},
                         .inputs = request_.inputs};
    search.inputs.hardware = request_.clusters[number / request_.global_batches.size()];
    for (std::size_t index = budgets; index-- > 0;) {
      if (!chain.take_answer_of_larger(index)) search_point(chain.at(index), search);
      count(chain.at(index));
    }
    chain.take_faster_of_smaller();
  }

  // Leaves in `search` the bound for the budgets below.
  void search_point(SweepPoint& point, SearchRequest& search) {
    if (deadline_.passed()) {
      point.end = deadline_.interrupted() ? SearchEnd::interrupted : SearchEnd::time_limit;
      return;
    }
    search.inputs.memory_budget = point.memory_budget;
    const int threads = std::max(1, control_.threads / static_cast<int>(chains_));
    SearchOutcome found =
        request_.search(search, {.threads = threads,
                                 .time_limit = deadline_.left(),
                                 .interrupted = [this] { return deadline_.interrupted(); },
                                 .progress = {}});
    point.origin = SweepOrigin::searched;
    point.end = found.end;
    point.plan = std::move(found.plan);
    point.shortfalls = std::move(found.shortfalls);
    search.known_bound = found.bound;
    const std::lock_guard lock(mutex_);
    ++outcome_.statistics.searches;
    outcome_.statistics.pairs += found.statistics.pairs;
  }

  void count(const SweepPoint& point) {
    const std::lock_guard lock(mutex_);
    if (point.origin == SweepOrigin::larger_budget) {
      ++(point.plan ? outcome_.statistics.kept_plans : outcome_.statistics.known_infeasible);
    }
    ++done_;
    if (control_.progress) control_.progress(done_, outcome_.points.size());
  }

  const SweepRequest& request_;
  const SweepControl& control_;
  Deadline deadline_;
  std::size_t chains_;
  SweepOutcome outcome_;
  std::mutex mutex_;  // over statistics and progress
  std::size_t done_ = 0;
};

}  // namespace

SweepOutcome sweep(const SweepRequest& request, const SweepControl& control) {
  return Sweep(request, control).run();
}

void mark_pareto(std::vector<SweepPoint>& points) {
  for (SweepPoint& point : points) {
    point.is_pareto =
        point.plan && std::none_of(points.begin(), points.end(), [&](const SweepPoint& other) {
          return other.plan && beats(other, point);
        });
  }
}

}  // namespace galvatron
