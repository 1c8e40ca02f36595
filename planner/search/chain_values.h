// The values that chains of one problem are made of: how far those of a chain are proved, how they
// are raised, and which points stand behind them.
#pragma once

#include <utility>
#include <vector>

#include "planner/search/chain.h"

namespace galvatron::search {

class ChainValues {
 public:
  explicit ChainValues(StageCatalog& catalog);

  // The chain of stages under these caps.
  ChainSolver solver(ChainCaps caps, ChainValue of) {
    return {catalog_, times_, first_, arcs_, std::move(caps), of};
  }
  // From now on only these arcs count.
  void keep_arcs(const Arcs& arcs) { arcs_ = arcs; }

  // Whether the value of a stage of the chain is exact.
  bool is_settled(const ChainSolver& solver, const Chain& chain, std::size_t stage);
  // Works on those values of the chain that were worked on least; false when none may be raised
  // further.
  bool raise(ChainSolver& solver, const Chain& chain, int most_level, Work& work);
  // Gives fronts to the stage whose sync is exposed most or, if it has one, to the stages before
  // it, which hide less than their least time suggests. False when all that matter have one.
  // `costs`: of the points of the chain.
  bool raise_fronts(ChainSolver& solver, const Chain& chain, const std::vector<StageCost>& costs,
                    Work& work);
  // A point for every stage of the chain; empty when one of them has none yet. Valid until values
  // are raised.
  std::vector<const StagePoint*> points_of(const ChainSolver& solver, const Chain& chain) const;

  // Of all stages but the one that closes a chain.
  StageTimes& times() { return times_; }

 private:
  StageCatalog& catalog_;
  StageTimes times_;
  FirstStage first_;
  Arcs arcs_;
};

}  // namespace galvatron::search
