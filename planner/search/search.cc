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

// A candidate or a member of one, and what is known of it.
struct Entry {
  std::size_t candidate = 0;
  std::size_t member = 0;
  std::function<Problem()> build{};
  Time first_bound = 0;  // the given one
  Time bound = 0;        // kUnlimited once closed as infeasible or replaced by members
  bool is_family = false;
  int effort = 0;
  std::unique_ptr<PairSearch> search{};      // while it is worked on
  std::shared_ptr<SharedFindings> shared{};  // of a member, with the others of its family
  std::optional<FoundPlan> best{};
  Statistics statistics{};
};

class Search {
 public:
  Search(const std::vector<Candidate>& candidates, const SearchOptions& options)
      : candidates_(candidates), options_(options) {
    for (std::size_t index = 0; index < candidates.size(); ++index) {
      const Candidate& candidate = candidates[index];
      entries_.push_back({.candidate = index,
                          .build = candidate.build,
                          .first_bound = candidate.bound,
                          .bound = candidate.bound,
                          .is_family = static_cast<bool>(candidate.members)});
    }
  }

  SearchResult run() {
    try {
      work_until_closed();
    } catch (const Interrupted&) {
      interrupted_ = true;
    }
    return result();
  }

 private:
  using Rank = std::tuple<int, std::int64_t, int, std::size_t, std::size_t>;

  Rank rank(const Entry& entry) const {
    const Candidate& candidate = candidates_[entry.candidate];
    return {candidate.pipeline, candidate.micro_batches, candidate.schedule, entry.candidate,
            entry.member};
  }

  void open(Entry& entry) {
    if (entry.search) return;
    const Problem problem = entry.build();
    require_valid(problem);
    const int pipeline = candidates_[entry.candidate].pipeline;
    if (static_cast<int>(problem.stages.size()) != pipeline) {
      throw std::invalid_argument("search candidate: its problem must have " +
                                  std::to_string(pipeline) + " stages, got " +
                                  std::to_string(problem.stages.size()));
    }
    entry.search = std::make_unique<PairSearch>(problem, entry.bound, options_.stop);
    if (entry.shared) entry.search->take(entry.shared->relaxed());
  }

  static Plan plan_of(const Entry& entry, const FoundPlan& plan) {
    return {.candidate = entry.candidate,
            .member = entry.member,
            .assignment = plan.assignment,
            .cost = plan.cost};
  }

  void take(const Entry& entry, const FoundPlan& plan) {
    const Time total = plan.cost.total;
    if (total >= options_.upper_bound) return;
    if (best_ && std::tuple{best_->cost.total, best_rank_} <= std::tuple{total, rank(entry)})
      return;
    best_ = plan_of(entry, plan);
    best_rank_ = rank(entry);
  }

  // Plans as fast as the best still count for candidates of lower rank, if the optimum is asked
  // for.
  Aim aim_of(const Entry& entry) const {
    Aim aim{.ceiling = options_.upper_bound, .gap = options_.gap};
    if (!best_) return aim;
    const bool wins_ties = options_.gap == 0 && rank(entry) < best_rank_;
    aim.best = best_->cost.total + (wins_ties ? 1 : 0);
    return aim;
  }

  // What is closed stays closed, because aims only fall.
  bool is_open(const Entry& entry) const {
    return std::max(entry.bound, options_.known_bound) < goal_of(aim_of(entry));
  }

  // A family whose own problem was worked on, so that the next step is to look at its members.
  static bool is_bounded_family(const Entry& entry) { return entry.is_family && entry.effort > 0; }
  // Members got no effort yet.
  static int effort_of(const Entry& entry) { return is_bounded_family(entry) ? 0 : entry.effort; }

  // Least effort first, then least bound, then least given bound, then rank. A family to be
  // replaced makes a round alone: its members may be dear to build, and are best bounded first.
  std::vector<std::size_t> next_round() {
    std::vector<std::size_t> open;
    for (std::size_t index = 0; index < entries_.size(); ++index) {
      if (is_open(entries_[index])) {
        open.push_back(index);
      } else {
        entries_[index].search.reset();
      }
    }
    if (open.empty()) return open;
    const auto order = [&](std::size_t index) {
      const Entry& entry = entries_[index];
      return std::tuple{effort_of(entry), entry.bound, entry.first_bound, rank(entry)};
    };
    std::sort(open.begin(), open.end(),
              [&](std::size_t one, std::size_t other) { return order(one) < order(other); });
    const int effort = effort_of(entries_[open.front()]);
    const std::size_t most = effort == 0 ? kOpeningRound : kRound;
    std::vector<std::size_t> round;
    for (const std::size_t index : open) {
      const Entry& entry = entries_[index];
      if (round.size() == most || effort_of(entry) != effort) break;
      if (!is_bounded_family(entry)) {
        round.push_back(index);
      } else if (round.empty()) {
        return {index};
      } else {
        break;
      }
    }
    return round;
  }

  void work_until_closed() {
    while (true) {
      if (options_.stop && options_.stop()) throw Interrupted{};
      const std::vector<std::size_t> round = next_round();
      if (round.empty()) return;
      if (is_bounded_family(entries_[round.front()])) {
        replace_by_members(round.front());
      } else {
        work_on(round);
      }
    }
  }

  void work_on(const std::vector<std::size_t>& round) {
    std::vector<Aim> aims;
    aims.reserve(round.size());
    for (const std::size_t index : round) aims.push_back(aim_of(entries_[index]));
    // What was proved before an interruption is kept; the interruption is raised afterwards.
    std::vector<char> cut(round.size(), 0);
    for_each_index(round.size(), options_.threads, [&](std::size_t at) {
      try {
        Entry& entry = entries_[round[at]];
        open(entry);
        if (entry.shared) entry.search->learn(*entry.shared);
        entry.search->advance(aims[at], entry.effort);
      } catch (const Interrupted&) {
        cut[at] = 1;
      }
    });
    for (const std::size_t index : round) collect(entries_[index]);
    if (options_.report) options_.report(progress());
    if (std::count(cut.begin(), cut.end(), 1) > 0) throw Interrupted{};
  }

  void collect(Entry& entry) {
    if (!entry.search) return;
    if (entry.shared) entry.search->teach(*entry.shared);
    ++entry.effort;
    entry.bound = std::max(entry.bound, entry.search->bound());
    entry.statistics = entry.search->statistics();
    entry.statistics.candidates_opened = 1;
    // A plan of a family need not be one of any member.
    if (entry.is_family || !entry.search->best()) return;
    entry.best = entry.search->best();
    take(entry, *entry.best);
  }

  void replace_by_members(std::size_t family) {
    const std::vector<Member> members = candidates_[entries_[family].candidate].members();
    const auto shared = std::make_shared<SharedFindings>(
        entries_[family].search->proofs_for_members(aim_of(entries_[family])));
    entries_[family].search.reset();
    for (std::size_t index = 0; index < members.size(); ++index) {
      entries_.push_back({.candidate = entries_[family].candidate,
                          .member = index,
                          .build = members[index].build,
                          .first_bound = members[index].bound,
                          .bound = std::max(members[index].bound, entries_[family].bound),
                          .shared = shared});
    }
    entries_[family].bound = kUnlimited;
  }

  Time best_time() const { return best_ ? best_->cost.total : kUnlimited; }

  Time lower_bound() const {
    Time least = best_time();
    for (const Entry& entry : entries_) least = std::min(least, entry.bound);
    return std::min(best_time(), std::max(least, options_.known_bound));
  }

  Progress progress() const {
    Progress progress{.best = best_time(), .bound = lower_bound()};
    if (best_) progress.gap = gap_between(progress.best, progress.bound);
    return progress;
  }

  static double gap_between(Time best, Time bound) {
    return best == 0 ? 0 : static_cast<double>(best - bound) / static_cast<double>(best);
  }

  std::vector<PipelineBound> pipeline_bounds() const {
    std::map<int, PipelineBound> pipelines;
    for (const Entry& entry : entries_) {
      const int stages = candidates_[entry.candidate].pipeline;
      PipelineBound& pipeline = pipelines[stages];
      pipeline.pipeline = stages;
      pipeline.bound = std::min(pipeline.bound, entry.bound);
      if (!entry.best) continue;
      const Time best = entry.best->cost.total;
      if (!pipeline.best || best < *pipeline.best) pipeline.best = best;
    }
    std::vector<PipelineBound> bounds;
    for (auto& [stages, pipeline] : pipelines) {
      if (pipeline.best) pipeline.bound = std::min(pipeline.bound, *pipeline.best);
      bounds.push_back(pipeline);
    }
    return bounds;
  }

  // Plans as good as the best, as far as was asked to tell.
  std::vector<Plan> rivals() const {
    std::vector<std::pair<std::pair<Time, Rank>, Plan>> close;
    if (!best_) return {};
    for (const Entry& entry : entries_) {
      if (!entry.best || rank(entry) == best_rank_) continue;
      const Time total = entry.best->cost.total;
      if (total >= options_.upper_bound || gap_between(total, lower_bound()) > options_.gap)
        continue;
      close.push_back({{total, rank(entry)}, plan_of(entry, *entry.best)});
    }
    std::sort(close.begin(), close.end(),
              [](const auto& one, const auto& other) { return one.first < other.first; });
    std::vector<Plan> plans;
    plans.reserve(close.size());
    for (auto& [order, plan] : close) plans.push_back(std::move(plan));
    return plans;
  }

  SearchResult result() const {
    SearchResult result{.plan = best_,
                        .rivals = rivals(),
                        .lower_bound = lower_bound(),
                        .pipelines = pipeline_bounds()};
    for (const Entry& entry : entries_) result.statistics += entry.statistics;
    result.statistics.candidates = static_cast<std::int64_t>(candidates_.size());
    result.statistics.members = static_cast<std::int64_t>(entries_.size() - candidates_.size());
    result.outcome =
        interrupted_ ? Outcome::interrupted : (best_ ? Outcome::solved : Outcome::no_plan);
    if (best_) result.gap = gap_between(best_->cost.total, result.lower_bound);
    return result;
  }

  const std::vector<Candidate>& candidates_;
  const SearchOptions& options_;
  std::vector<Entry> entries_;  // the candidates, then members in the order they came up
  std::optional<Plan> best_{};
  Rank best_rank_{};
  bool interrupted_ = false;
};

}  // namespace

SearchResult search(const std::vector<Candidate>& candidates, const SearchOptions& options) {
  return Search(candidates, options).run();
}

}  // namespace galvatron::search
