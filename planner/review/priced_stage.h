// A lower bound of one stage from prices on memory and optimizer time.
//
// Let X be the stage's largest transient. Then all its transients are at most X, and states and
// activations fit in room - X, where room = budget - fixed - boundary bytes. So for any prices
// k, u >= 0 and any plan whose optimizer takes no longer than `high`
//
//   t >= min over X ( min over paths with transients <= X of sum(t + k memory + u o) + k X )
//          - k room - u high
//
// where a path picks an option per layer, pays the tolls between their layouts, and X runs over the
// transients that occur. Each X may be charged its best prices: first the largest bound over the
// prices, then the least over X. An X under which even the path of least memory does not fit, or
// that of least optimizer time is too long, has no plan.
//
// The first stage is asked for phi(A) = t + y + (m-1) max(t, A), where A is the slowest other one.
// For any share s from 0 to 1 max(t, A) >= s t + (1-s) A, so the same holds for the cost
// (1 + s (m-1)) t + y, with (1-s) (m-1) A to be added. A lone stage costs m t + y + o.
#pragma once

#include <cstddef>
#include <vector>

#include "planner/plan/proof.h"
#include "planner/review/priced_path.h"
#include "planner/search/problem.h"

namespace galvatron {

enum class StageRole { later, first, only };

struct PricedLayers {
  const search::Problem* problem = nullptr;
  StageRole role = StageRole::later;
  search::StageShape shape{};
  std::vector<int> types{};  // of the stage's layers, in order
};

// Where a bound is wanted.
struct StageTerms {
  search::Time high = search::kUnlimited;  // the optimizer takes no longer
  search::Time slowest = 0;                // of the other stages; only for the first
};

PathWeights weights_of(const StagePrice& price, StageRole role, std::int64_t micro_batches);

// What a least sum at a price says of a stage.
struct PlaneTerms {
  StageRole role = StageRole::later;
  std::int64_t micro_batches = 1;
  std::size_t layers = 1;
  double room = 0;  // bytes left beside the largest transient
};

// The bound from one price, less what rounding may have added; 0 where the price charges an
// optimizer time that has no limit.
double plane_value(double sum, const StagePrice& price, const PlaneTerms& where,
                   const StageTerms& terms);

// The least integer that is not below, from 0 to kUnlimited.
search::Time rounded_bound(double value);

struct StageBound {
  search::Time value = 0;  // no choice costs less; kUnlimited where nothing fits
  std::size_t cap = 0;     // the X that has it
};

class PricedStage {
 public:
  // Before any price: what every stage costs at least, and which X have a choice at all.
  explicit PricedStage(const PricedLayers& layers);

  // Multiplies out what is new in a list that only grows.
  void extend(const std::vector<StagePrice>& prices);

  StageBound bound(const StageTerms& terms) const;

  // By how much the price would raise this bound at its X; negative where it would not.
  double gain(const StagePrice& price, const StageBound& bound, const StageTerms& terms) const;

  const std::vector<search::Size>& caps() const { return caps_; }
  // Prices multiplied out so far.
  std::size_t prices() const { return priced_; }

 private:
  // Least sums by cap, infinite where a layer has no choice.
  using Sums = std::vector<double>;
  struct Plane {
    StagePrice price{};
    Sums sums{};
  };
  void add(const StagePrice& price);
  Sums least_sums(const PathWeights& weights) const;
  bool is_too_slow(std::size_t cap, search::Time high) const;
  PlaneTerms plane_terms(std::size_t cap) const;
  double best_value(std::size_t cap, const StageTerms& terms) const;
  const search::LayerType& type_of(int type) const;

  StageRole role_;
  PathQuestion question_;
  search::Size room_ = 0;
  std::vector<search::Size> caps_;
  Sums least_optimizer_;
  std::vector<Plane> planes_;
  std::size_t priced_ = 0;
};

}  // namespace galvatron
