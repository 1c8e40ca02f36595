#include "planner/search/search.h"

#include <algorithm>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>

#include "planner/search/pair_search.h"
#include "planner/search/parallel.h"

namespace galvatron::search {
namespace {

// How many candidates a round holds. Fixed, because the answer may depend on it.
constexpr std::size_t kOpeningRound = 8;
constexpr std::size_t kRound = 4;

struct Entry {
  Problem problem{};
  std::unique_ptr<PairSearch> search{};
  Time bound = 0;
  int effort = 0;
};

class Search {
 public:
  Search(const std::vector<Candidate>& candidates, const SearchOptions& options)
      : candidates_(candidates), options_(options), entries_(candidates.size()) {
    for (std::size_t index = 0; index < candidates.size(); ++index) {
      entries_[index].bound = candidates[index].bound;
    }
  }

  SearchResult run() {
    try {
      take_incumbents();
      work_until_closed();
    } catch (const Interrupted&) {
      interrupted_ = true;
    }
    return result();
  }

 private:
  auto rank(std::size_t index) const {
    const Candidate& candidate = candidates_[index];
    return std::tuple{candidate.pipeline, candidate.micro_batches, candidate.schedule, index};
  }

  void open(std::size_t index) {
    Entry& entry = entries_[index];
    if (entry.search) return;
    entry.problem = candidates_[index].build();
    require_valid(entry.problem);
    if (static_cast<int>(entry.problem.stages.size()) != candidates_[index].pipeline) {
      throw std::invalid_argument("search candidate: its problem must have " +
                                  std::to_string(candidates_[index].pipeline) + " stages, got " +
                                  std::to_string(entry.problem.stages.size()));
    }
    entry.search = std::make_unique<PairSearch>(entry.problem, entry.bound, options_.stop);
  }

  void take_incumbents() {
    for (const Incumbent& incumbent : options_.incumbents) {
      open(incumbent.candidate);
      const Problem& problem = entries_[incumbent.candidate].problem;
      const PlanCost cost = cost_of(problem, incumbent.assignment);
      if (fits(problem, cost)) take(incumbent.candidate, {cost.total, incumbent.assignment});
    }
  }

  void take(std::size_t index, const FoundPlan& plan) {
    if (plan.total >= options_.upper_bound) return;
    if (best_ &&
        std::tuple{best_->total, rank(best_candidate_)} <= std::tuple{plan.total, rank(index)}) {
      return;
    }
    best_ = plan;
    best_candidate_ = index;
  }

  // Plans as fast as the best still count for candidates of lower rank, if the optimum is asked
  // for.
  Aim aim_of(std::size_t index) const {
    Aim aim{.ceiling = options_.upper_bound, .gap = options_.gap};
    if (!best_) return aim;
    const bool wins_ties = options_.gap == 0 && rank(index) < rank(best_candidate_);
    aim.best = best_->total + (wins_ties ? 1 : 0);
    return aim;
  }

  bool is_open(std::size_t index) const { return entries_[index].bound < goal_of(aim_of(index)); }

  // Least effort first, then least bound, then rank.
  std::vector<std::size_t> next_round() const {
    std::vector<std::size_t> open;
    for (std::size_t index = 0; index < entries_.size(); ++index) {
      if (is_open(index)) open.push_back(index);
    }
    const auto order = [&](std::size_t index) {
      return std::tuple{entries_[index].effort, entries_[index].bound, rank(index)};
    };
    std::sort(open.begin(), open.end(),
              [&](std::size_t one, std::size_t other) { return order(one) < order(other); });
    if (open.empty()) return open;
    const int effort = entries_[open.front()].effort;
    const std::size_t most = effort == 0 ? kOpeningRound : kRound;
    std::vector<std::size_t> round;
    for (const std::size_t index : open) {
      if (round.size() < most && entries_[index].effort == effort) round.push_back(index);
    }
    return round;
  }

  void work_until_closed() {
    while (true) {
      if (options_.stop && options_.stop()) throw Interrupted{};
      const std::vector<std::size_t> round = next_round();
      if (round.empty()) return;
      std::vector<Aim> aims;
      for (const std::size_t index : round) aims.push_back(aim_of(index));
      // What was proved before an interruption is kept; the interruption is raised afterwards.
      std::vector<char> cut(round.size(), 0);
      for_each_index(round.size(), options_.threads, [&](std::size_t at) {
        try {
          open(round[at]);
          Entry& entry = entries_[round[at]];
          entry.search->advance(aims[at], entry.effort);
        } catch (const Interrupted&) {
          cut[at] = 1;
        }
      });
      for (const std::size_t index : round) collect(index);
      if (options_.report) options_.report(progress());
      if (std::count(cut.begin(), cut.end(), 1) > 0) throw Interrupted{};
    }
  }

  void collect(std::size_t index) {
    Entry& entry = entries_[index];
    if (!entry.search) return;
    ++entry.effort;
    entry.bound = std::max(entry.bound, entry.search->bound());
    if (entry.search->best()) take(index, *entry.search->best());
  }

  Time best_time() const { return best_ ? best_->total : kUnlimited; }

  Time lower_bound() const {
    Time least = best_time();
    for (const Entry& entry : entries_) least = std::min(least, entry.bound);
    return least;
  }

  Progress progress() const {
    Progress progress{.best = best_time(), .bound = lower_bound()};
    if (best_) progress.gap = gap_between(progress.best, progress.bound);
    return progress;
  }

  static double gap_between(Time best, Time bound) {
    return best == 0 ? 0 : static_cast<double>(best - bound) / static_cast<double>(best);
  }

  SearchResult result() {
    SearchResult result{.lower_bound = lower_bound()};
    result.statistics.candidates = static_cast<std::int64_t>(candidates_.size());
    std::map<int, PipelineBound> pipelines;
    for (std::size_t index = 0; index < entries_.size(); ++index) {
      const Entry& entry = entries_[index];
      PipelineBound& pipeline = pipelines[candidates_[index].pipeline];
      pipeline.pipeline = candidates_[index].pipeline;
      pipeline.bound = std::min(pipeline.bound, entry.bound);
      if (!entry.search) continue;
      ++result.statistics.candidates_opened;
      result.statistics += entry.search->statistics();
      const auto& found = entry.search->best();
      if (found && (!pipeline.best || found->total < *pipeline.best)) pipeline.best = found->total;
    }
    for (auto& [stages, pipeline] : pipelines) {
      if (best_ && candidates_[best_candidate_].pipeline == stages) pipeline.best = best_->total;
      if (pipeline.best) pipeline.bound = std::min(pipeline.bound, *pipeline.best);
      result.pipelines.push_back(pipeline);
    }
    result.outcome =
        interrupted_ ? Outcome::interrupted : (best_ ? Outcome::solved : Outcome::no_plan);
    if (best_) {
      result.plan = Plan{.candidate = best_candidate_,
                         .assignment = best_->assignment,
                         .cost = cost_of(entries_[best_candidate_].problem, best_->assignment)};
      result.gap = gap_between(best_->total, result.lower_bound);
    }
    return result;
  }

  const std::vector<Candidate>& candidates_;
  const SearchOptions& options_;
  std::vector<Entry> entries_;
  std::optional<FoundPlan> best_{};
  std::size_t best_candidate_ = 0;
  bool interrupted_ = false;
};

}  // namespace

SearchResult search(const std::vector<Candidate>& candidates, const SearchOptions& options) {
  return Search(candidates, options).run();
}

}  // namespace galvatron::search
