// What is known about the stages of one problem: bounds that were proved and points that fit.
//
// A proof made under a cap holds under every smaller cap, whatever other caps there are, and a
// point fits every cap that its times allow, so both outlive the caps they were made for. A value
// is exact where a proof meets a point.
#pragma once

#include <optional>
#include <vector>

#include "planner/search/knapsack_bound.h"
#include "planner/search/stage_catalog.h"
#include "planner/search/work.h"

namespace galvatron::search {

// The least time of every later stage.
class LeastTimes {
 public:
  explicit LeastTimes(StageCatalog& catalog);

  // A lower bound, kUnlimited when nothing fits.
  Time lower(StageName name, const CappedTimes& caps);
  // The fastest point known; of equals the one with the least optimizer. Null when there is none.
  const StagePoint* best(StageName name, const CappedTimes& caps) const;
  bool is_exact(StageName name, const CappedTimes& caps);
  int level(StageName name, const CappedTimes& caps) const;
  // Works on the value at the next level. Times of limit and more are of no interest.
  void improve(StageName name, const CappedTimes& caps, Time limit, Work& work);

 private:
  struct Proof {
    CappedTimes caps = kNoCaps;
    Time lower = 0;
    int level = kKnapsackLevel;
  };
  struct Known {
    Time base = -1;  // knapsack bound; -1 before it was asked for
    std::vector<Proof> proofs{};
    std::vector<StagePoint> points{};
  };

  Known& known(StageName name) { return known_[slot(name)]; }
  const Known& known(StageName name) const { return known_[slot(name)]; }
  std::size_t slot(StageName name) const {
    return static_cast<std::size_t>(name.stage_class) * keys_ + static_cast<std::size_t>(name.key);
  }

  StageCatalog& catalog_;
  std::size_t keys_;
  std::vector<std::optional<KnapsackBound>> knapsack_;  // [class]
  std::vector<Known> known_;                            // [class][key]
};

// The first stage closes the chain: phi(A) is its least t + y + (m-1) max(t, A) when the slowest
// other stage takes A. It rises with A, by at most m-1 per picosecond, so a proof at one A bounds
// it everywhere.
class FirstStage {
 public:
  explicit FirstStage(StageCatalog& catalog);

  struct Question {
    int key = 0;
    Time cap = kUnlimited;
    Time slowest = 0;  // A
  };

  // Bounds without regard to A.
  Time lower_time(int key) const { return bases_[static_cast<std::size_t>(key)].time; }
  Time lower_time_and_sync(int key) const {
    return bases_[static_cast<std::size_t>(key)].time_and_sync;
  }

  Time lower(const Question& question) const;
  const StagePoint* best(const Question& question) const;
  Time phi(const StagePoint& point, Time slowest) const;
  bool is_exact(const Question& question) const;
  int level(const Question& question) const;
  void improve(const Question& question, Time limit, Work& work);

 private:
  struct Proof {
    Time cap = kUnlimited;
    Time slowest = 0;
    Time lower = 0;
    double least_slope = 0;  // how fast the bound rises with A at least,
    double most_slope = 0;   // and how fast it falls with A at most
    int level = kPricesLevel;
  };
  struct Base {
    Time time = 0;
    Time time_and_sync = 0;
  };
  struct Known {
    std::vector<Proof> proofs{};
    std::vector<StagePoint> points{};
  };

  Time effective_cap(const Question& question) const;
  Time moved(const Proof& proof, Time slowest) const;
  Time other_micro_batches() const { return catalog_.problem().micro_batches - 1; }

  StageCatalog& catalog_;
  std::vector<Base> bases_;   // [key]
  std::vector<Known> known_;  // [key]
};

}  // namespace galvatron::search
