// The stages of one problem, named so that equal ones share what is known of them.
//
// Stages of one shape form a class, intervals of one type sequence a key; a value belongs to a
// class and a key. A cap on a time that an interval cannot reach is no cap, and then all such caps
// are one.
#pragma once

#include <map>
#include <tuple>
#include <vector>

#include "planner/search/backward_bound.h"
#include "planner/search/interval.h"
#include "planner/search/stage_model.h"
#include "planner/search/stage_solver.h"

namespace galvatron::search {

// How hard a value was worked on: by the knapsack bound, by prices alone, then by labels of growing
// width, at last of any width.
inline constexpr int kKnapsackLevel = 1;
inline constexpr int kPricesLevel = 2;
inline constexpr int kExactLevel = 6;

std::size_t label_width(int level);

// Layers with key `key` held by a stage of class `stage_class`.
struct StageName {
  int stage_class = 0;
  int key = 0;
};

class StageCatalog {
 public:
  // The problem must outlive the catalog.
  explicit StageCatalog(const Problem& problem);
  StageCatalog(const StageCatalog&) = delete;
  StageCatalog& operator=(const StageCatalog&) = delete;

  const Problem& problem() const { return *problem_; }
  const IntervalKeys& keys() const { return keys_; }
  int stages() const { return static_cast<int>(class_of_.size()); }
  int layers() const { return static_cast<int>(problem_->layers.size()); }
  int class_of(int stage) const { return class_of_[static_cast<std::size_t>(stage)]; }
  int classes() const { return static_cast<int>(shapes_.size()); }

  // kUnlimited for a cap that no choice for these layers can exceed.
  CappedTimes effective(int key, const CappedTimes& caps) const;
  // What caps hold a stage of these layers to.
  CappedTimes capped(int key, const StageCost& cost) const {
    return capped_times(cost, most_backward_[static_cast<std::size_t>(key)]);
  }
  // The same caps with a floor of the backward; a cap below zero where no choice reaches it.
  CappedTimes with_backward(int key, CappedTimes caps, Time least) const {
    if (least > 0) caps[kLack] = most_backward_[static_cast<std::size_t>(key)] - least;
    return caps;
  }
  // Bounds of the slowest optimizer of any plan.
  Time least_optimizer() const { return least_optimizer_; }
  Time most_optimizer() const { return most_optimizer_; }
  const BackwardBound& backward() const { return backward_; }

  // A task under effective caps, without limit, width or offsets.
  StageTask task(StageName name, Purpose purpose, const CappedTimes& caps);
  const StageModel& model(int stage_class, Purpose purpose, const Capped& capped);

 private:
  const Problem* problem_;
  SharedTolls tolls_;
  IntervalKeys keys_;
  std::vector<StageShape> shapes_;
  std::vector<int> class_of_;
  std::vector<CappedTimes> most_of_key_;  // the times that no choice exceeds
  std::vector<Time> most_backward_;       // [key], of any choice
  Time least_optimizer_ = 0;
  Time most_optimizer_ = 0;
  BackwardBound backward_;
  std::map<std::tuple<int, Purpose, Capped>, StageModel> models_;
};

}  // namespace galvatron::search
