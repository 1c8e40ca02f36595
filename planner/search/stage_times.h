// What is known about the least times of the stages of one problem: bounds that were proved and
// points that fit.
//
// A proof made under caps holds under all smaller ones, prices say how much it gains there and
// loses under larger ones, and a point fits all caps that its times allow; so both outlive the caps
// they were made for. A value is exact where a proof meets a point.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "planner/search/knapsack_bound.h"
#include "planner/search/shared_findings.h"
#include "planner/search/stage_catalog.h"
#include "planner/search/work.h"

namespace galvatron::search {

class StageTimes {
 public:
  explicit StageTimes(StageCatalog& catalog);

  // A lower bound, kUnlimited when nothing fits.
  Time lower(StageName name, const CappedTimes& caps);
  // The fastest point known; of equals the one with the least optimizer. Null when there is none.
  const StagePoint* best(StageName name, const CappedTimes& caps) const;
  bool is_exact(StageName name, const CappedTimes& caps);
  int level(StageName name, const CappedTimes& caps) const;
  // Works on the value at the next level. Times of limit and more are of no interest.
  void improve(StageName name, const CappedTimes& caps, Time limit, Work& work);

  // Takes what another search found for the same stage.
  void take(const Finding& finding);
  // What improve() brought since the last call.
  std::vector<Finding> fresh();
  // What is proved without any cap, as a bound alone.
  std::vector<Finding> uncapped() const;

 private:
  // What a proof says under other caps, but for rounding and at once: a proof says no more than
  // lower + sum over times of the lesser of least and most (cap - asked).
  struct Reach {
    double lower = 0;
    std::array<double, kCappedTimes> cap{};
    std::array<double, kCappedTimes> least{};
    std::array<double, kCappedTimes> most{};

    double promise(const std::array<double, kCappedTimes>& asked) const {
      double promise = lower;
      for (std::size_t j = 0; j < kCappedTimes; ++j) {
        const double change = cap[j] - asked[j];
        promise += std::min(least[j] * change, most[j] * change);
      }
      return promise;
    }
  };
  struct Proof {
    Reach reach{};
    CappedTimes caps = kNoCaps;
    Time lower = 0;
    CapSlopes shrinking_cap{};
  };
  struct Known {
    Time base = -1;                       // knapsack bound; -1 before it was asked for
    std::vector<Proof> proofs{};          // none follows from another
    std::vector<StagePoint> points{};     // none beats another
    std::map<CappedTimes, int> levels{};  // of the caps worked on
  };

  static Reach reach_of(const Proof& proof);
  static Time moved(const Proof& proof, const CappedTimes& caps);
  static bool is_needless(const Proof& proof, const Proof& other);

  Known& known(StageName name) { return known_[slot(name)]; }
  const Known& known(StageName name) const { return known_[slot(name)]; }
  std::size_t slot(StageName name) const {
    return static_cast<std::size_t>(name.stage_class) * keys_ + static_cast<std::size_t>(name.key);
  }

  StageCatalog& catalog_;
  std::size_t keys_;
  std::vector<std::optional<KnapsackBound>> knapsack_;  // [class]
  std::vector<Known> known_;                            // [class][key]
  std::vector<Finding> fresh_;
};

}  // namespace galvatron::search
