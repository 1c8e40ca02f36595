// The values that chains of one problem are made of: how far those of a chain are proved, how they
// are raised, and which points stand behind them.
#pragma once

#include <set>
#include <utility>
#include <vector>

#include "planner/search/chain.h"

namespace galvatron::search {

class ChainValues {
 public:
  explicit ChainValues(StageCatalog& catalog);

  // The chain of stages under these caps.
  ChainSolver solver(ChainCaps caps, ChainValue of) {
    if (!arcs_) use_all_arcs();
    return {{catalog_, times_, first_, *arcs_}, std::move(caps), of};
  }
  // From now on only these arcs count.
  void keep_arcs(Arcs arcs) { arcs_ = std::make_shared<const Arcs>(std::move(arcs)); }
  void use_all_arcs() { keep_arcs(all_arcs(catalog_)); }

  // Whether the value of a stage of the chain is exact.
  bool is_settled(const ChainSolver& solver, const Chain& chain, std::size_t stage);
  // Works on those values of the chain that were worked on least or, where that takes labels, on
  // those that can raise the chain most; false when none may be raised further.
  bool raise(ChainSolver& solver, const Chain& chain, int most_level, Work& work);
  // The stages whose fronts matter: the one whose sync is exposed most or, if it has a front, those
  // before it, which hide less than their least time suggests. `costs`: of the points of the chain.
  static std::vector<StageName> lacking_fronts(const Chain& chain,
                                               const std::vector<StageCost>& costs);
  // Gives them fronts. False when there is none to give, or one was too large for labels of this
  // width, which it is then taken to stay.
  bool raise_fronts(ChainSolver& solver, const std::vector<StageName>& names, std::size_t width,
                    Work& work);
  bool has_large_front() const { return !large_fronts_.empty(); }
  // A point for every stage of the chain; empty when one of them has none yet. Valid until values
  // are raised.
  std::vector<const StagePoint*> points_of(const ChainSolver& solver, const Chain& chain) const;

  // The value that the chain of these points has if all sync of later stages is hidden: no raising
  // of values brings the chain above it.
  Time value_at(const ChainSolver& solver, const std::vector<const StagePoint*>& points) const;

  // Of all stages but the one that closes a chain.
  StageTimes& times() { return times_; }

  RelaxedProofs proofs() const { return {times_.uncapped(), first_.uncapped(), arcs_}; }
  void take(const RelaxedProofs& proofs);

 private:
  // A value that may be raised, and by how much that raises the chain at most.
  struct Rise {
    std::size_t stage = 0;
    int level = 0;
    Time gain = 0;
  };

  static bool is_phi(const ChainSolver& solver, std::size_t stage) {
    return stage == 0 && solver.of() == ChainValue::without_optimizer;
  }
  FirstStage::Question question_of(const Chain& chain) const;
  std::vector<Rise> rises_of(const ChainSolver& solver, const Chain& chain, int most_level);

  StageCatalog& catalog_;
  StageTimes times_;
  FirstStage first_;
  SharedArcs arcs_{};                             // that count; null: all
  std::set<std::pair<int, int>> large_fronts_{};  // class and key of stages
};

}  // namespace galvatron::search
