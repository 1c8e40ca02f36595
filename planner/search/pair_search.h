// The search of one Problem: the least step time for one stage count, micro-batches and schedule.
//
// max_i o_i is taken out of the way by cells. With every o_i held to a cap c, the rest of T has a
// least value f(c), which falls as c grows; a plan whose slowest optimizer lies in [low, high]
// takes at least f(high) + low. The cell of least bound is cut where o alone reaches the goal, and
// halved while its width matters more than what is not known about f. Otherwise it is solved at its
// upper end: an optimum there with slowest optimizer o' leaves [low, o' - 1].
//
// The chain of stages takes the sync of later stages for hidden. Where a plan shows that it is not,
// cells get a second side, the tail: exposed sync and slowest optimizer together. Caps on the tail
// of every stage follow from it (tail_caps.h), and the range is halved like the other.
//
// f(c) comes from the chain of stages. Values on the least chain are raised until the chain reaches
// the limit or all its values are exact. If the true step time of that plan is the chain's value,
// f(c) is attained; otherwise sync of a later stage was exposed, and the stages that matter get
// their full fronts, or, where fronts are large, the cell is halved on.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "planner/search/cell.h"
#include "planner/search/chain_values.h"
#include "planner/search/shared_findings.h"
#include "planner/search/tail_caps.h"

namespace galvatron::search {

struct FoundPlan {
  PlanCost cost{};
  Assignment assignment{};
};

// Plans of `ceiling` and more are of no interest, and a bound within the share `gap` of the best
// known plan is enough.
struct Aim {
  Time ceiling = kUnlimited;
  Time best = kUnlimited;
  double gap = 0;
};

// The time that bounds must reach.
Time goal_of(const Aim& aim);

class PairSearch {
 public:
  // Plans of a time below known_bound do not exist.
  PairSearch(const Problem& problem, Time known_bound, const std::function<bool()>& stop);

  // Takes what a relaxation of the problem proved.
  void take(const RelaxedProofs& relaxed) { values_.take(relaxed); }

  // One step of work. With enough effort the bound reaches the goal. Throws Interrupted.
  void advance(const Aim& aim, int effort);

  // Exchanges what holds for other problems of the family too: takes what they added since the
  // last time, and adds what this search found since.
  void learn(const SharedFindings& shared);
  void teach(SharedFindings& shared);
  // What holds for every problem of which this one is a relaxation; of arcs, under this aim and
  // lower ones. The last thing asked of a search.
  RelaxedProofs proofs_for_members(const Aim& aim);

  // No plan is faster than this.
  Time bound() const;
  const std::optional<FoundPlan>& best() const { return best_; }
  const Statistics& statistics() const { return work_.statistics; }

 private:
  struct Outcome {
    Time bound = 0;               // of f at the cap
    Time known = kUnlimited;      // f is no larger, as a plan shows
    Time at_points = kUnlimited;  // better values of stages do not bring the bound above it
    bool is_attained = false;     // by a plan
    Time optimizer = 0;           // the slowest of that plan
  };
  enum class Progress { made, stuck };

  Time goal() const;
  void advance_whole_model(int effort);
  void advance_cells(int effort);
  Progress work_on(std::size_t index, int effort);
  Time narrowest() const;
  bool is_wide(const Cell& cell, const Outcome& outcome) const;
  bool prefers_fronts(int effort) const;
  bool halve_if_wide(Cell& cell, const Outcome& quick, bool can_values_close);
  bool is_divisible(const Cell& cell) const;
  void divide(Cell& cell, const Outcome& outcome);
  bool is_wide_in_tail(const Cell& cell) const;
  void halve(Cell& cell, const Outcome& outcome);
  void halve_tail(Cell& cell);
  void close_if_empty(std::size_t index);
  Time limit_of(const Cell& cell) const;
  Time most_tail(const Cell& cell) const;
  ChainCaps caps_of(const Cell& cell) const;
  void note_times(const ChainSolver& solver);
  void keep_times(const ChainSolver& solver);
  void drop_useless_arcs(const Cell& cell);
  void drop_arcs_under_lower_goal();
  void note_exposure(const std::vector<StageCost>& costs, Time missing);
  void settle(std::size_t index, const Outcome& outcome);
  Outcome solve_cap(const Cell& cell, int most_level);
  Outcome bound_times(const Cell& cell);
  void offer(const Chain& chain, const std::vector<const StagePoint*>& points);
  void offer(FoundPlan plan);

  bool is_common(int key, const SharedFindings& shared);

  PrunedProblem pruned_;
  StageCatalog catalog_;
  ChainValues values_;
  TailCaps tails_;
  Work work_;
  Aim aim_{};
  std::optional<FoundPlan> best_{};
  std::vector<bool> common_types_{};  // with the family; empty before it was asked for
  std::size_t learned_ = 0;           // of the shared findings
  std::vector<Cell> cells_;
  Time closed_ = kUnlimited;      // least bound of what was closed
  Time noted_goal_ = kUnlimited;  // under which the arcs that count were chosen last
  int whole_model_level_ = kKnapsackLevel;
  bool tail_counts_ = false;    // of later stages, as a plan showed
  bool expects_tails_ = false;  // because others of the family found so
};

}  // namespace galvatron::search
