// What is known about the first stage of one problem, which closes a chain.
//
// phi(A) is its least t + y + (m-1) max(t, A) under caps when the slowest other stage takes A. It
// rises with A, by at most m-1 per picosecond, so a proof at one A bounds it everywhere; and a
// proof made under caps holds under all smaller ones, while prices say what it is worth under
// others.
#pragma once

#include <vector>

#include "planner/search/knapsack_bound.h"
#include "planner/search/shared_findings.h"
#include "planner/search/stage_catalog.h"
#include "planner/search/work.h"

namespace galvatron::search {

class FirstStage {
 public:
  explicit FirstStage(StageCatalog& catalog);

  struct Question {
    int key = 0;
    CappedTimes caps = kNoCaps;  // on the optimizer and the lack of backward only
    Time slowest = 0;            // A
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

  // What is proved without caps.
  std::vector<FirstStageBound> uncapped() const;
  void take(const FirstStageBound& bound);

 private:
  struct Proof {
    CappedTimes caps = kNoCaps;
    Time slowest = 0;
    Time lower = 0;
    Slope slope{};  // by A
    CapSlopes shrinking_cap{};
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

  CappedTimes effective_caps(const Question& question) const;
  Time moved(const Proof& proof, const CappedTimes& caps, Time slowest, Time known) const;
  Time other_micro_batches() const { return catalog_.problem().micro_batches - 1; }

  StageCatalog& catalog_;
  std::vector<Base> bases_;   // [key]
  std::vector<Known> known_;  // [key]
};

}  // namespace galvatron::search
