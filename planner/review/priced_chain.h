// A lower bound of one Problem (planner/search/problem.h) from prices, put together from its
// stages.
//
//   T = sum_i t_i + (m-1) max_i t_i + max_i (y_i - sum_{j<i} b_j)^+ + max_i o_i + constant
//
// Every plan has one slowest optimizer o, and so belongs to one cell [low, high] of a partition of
// [0, infinity). Within a cell the bounds of priced_stage.h hold for each later stage's t_i at this
// `high`, and for the first stage's phi(A) = t + y + (m-1) max(t, A), of which y is exposed because
// nothing comes before it. What later stages expose beyond that is left out. The chain of least sum
// + phi over all boundaries, found by an exact dynamic program, then bounds every plan of the cell
// by chain + low + constant, and the least over the cells bounds the problem.
//
// Only chains that could be the least are looked at closely: all stages begin with the bound of
// coarse_stage.h, and those of the least chain get their own until the least chain has no other.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "planner/review/coarse_stage.h"
#include "planner/review/priced_stage.h"

namespace galvatron {

// Plans whose slowest optimizer takes from low to high, in picoseconds.
struct OptimizerCell {
  search::Time low = 0;
  search::Time high = search::kUnlimited;
};

// One stage of a chain that is not closed.
struct PricedLink {
  int stage = 0;
  LayerRuns layers{};
  search::Time slowest = 0;  // of the later stages; for the first stage only
  StageBound bound{};
};

StageRole role_of(const search::Problem& problem, int stage);

struct CellBound {
  search::Time bound = 0;
  std::vector<PricedLink> chain{};  // has this bound; empty where the target was reached
};

class PricedChain {
 public:
  // The problem must be valid and outlive the chain.
  explicit PricedChain(const search::Problem& problem);
  PricedChain(const PricedChain&) = delete;
  PricedChain& operator=(const PricedChain&) = delete;

  // Charges all stages that are like this one.
  void add(int stage, const StagePrice& price);

  // No plan of the cell takes less; never more than `target`, where the work ends.
  CellBound bound(const OptimizerCell& cell, search::Time target);

  // The stage of a link with all its prices multiplied out.
  const PricedStage& priced(const PricedLink& link);

  // All that was charged, without stages that were not.
  std::vector<StagePrices> prices() const;

 private:
  using Time = search::Time;

  // Stages that hold as many micro-batches and have the same role.
  struct StageClass {
    int first_stage = 0;
    StageRole role = StageRole::later;
    search::StageShape shape{};
    std::vector<StagePrice> prices{};
    std::unique_ptr<CoarseStage> coarse{};
    std::map<int, PricedStage> priced{};  // by key
  };
  struct Value {
    Time time = 0;
    bool is_priced = false;
  };
  struct Label {
    Time sum = 0;
    Time slowest = 0;
    int end = 0;    // where the stage that begins here ends
    int next = -1;  // label there
  };
  struct Side {
    Time sum = search::kUnlimited;
    Time slowest = search::kUnlimited;
  };
  struct Chain {
    Time value = search::kUnlimited;
    Time slowest = 0;
    std::vector<int> ends{};  // of the stages
  };

  std::size_t slot(int stage, int layer) const;
  int key(int begin, int end) const;
  Value& value(int stage, int key);
  StageClass& class_of(int stage);
  int last_begin(int stage) const { return layers_ - (stages_ - stage); }

  void make_keys();
  void make_classes();
  void start_values(Time high);
  void sweep_forward();
  void grow_labels(int stage, int begin);
  void keep_unbeaten(std::vector<Label>& labels) const;
  Time closing(int key, Time slowest, Time high);
  std::optional<Chain> least_chain(Time high);
  bool price_chain(const Chain& chain, Time high);
  PricedStage& priced_stage(StageClass& stage_class, int key);
  std::vector<PricedLink> links_of(const Chain& chain, Time high);
  Time valid(Time time, Time most) const;

  const search::Problem& problem_;
  int stages_;
  int layers_;
  Time limit_ = search::kUnlimited;
  std::vector<int> keys_;         // [begin][end]
  std::vector<LayerRuns> runs_;   // by key
  std::vector<Time> least_time_;  // by key, whatever the memory
  std::vector<StageClass> classes_;
  std::vector<int> class_of_stage_;
  std::vector<std::vector<Value>> values_;  // [class][key]
  std::vector<Side> before_;                // [stage][layer]: the stages before, up to the layer
  std::vector<std::vector<Label>> labels_;  // [stage][layer]: from the layer to the end
};

}  // namespace galvatron
