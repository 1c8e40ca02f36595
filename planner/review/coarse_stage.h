// The bound of priced_stage.h without layouts: of every layer the cheapest option of all, tolls
// free, the least X that each layer can have. Weaker, but one sum per type serves every stage.
#pragma once

#include <utility>
#include <vector>

#include "planner/review/priced_stage.h"

namespace galvatron {

// The layers of one stage: how many of which type, and the types at its ends.
struct LayerRuns {
  std::vector<std::pair<int, int>> runs{};  // type and count, in order

  bool operator==(const LayerRuns&) const = default;
  bool operator<(const LayerRuns& other) const { return runs < other.runs; }
};

int length_of(const LayerRuns& layers);

// Of each layer, in order.
std::vector<int> types_of(const LayerRuns& layers);

class CoarseStage {
 public:
  CoarseStage(const search::Problem& problem, StageRole role, search::StageShape shape);

  // Adds up what is new in a list that only grows.
  void extend(const std::vector<StagePrice>& prices);

  search::Time bound(const LayerRuns& layers, const StageTerms& terms) const;

 private:
  struct Plane {
    StagePrice price{};
    std::vector<double> least{};  // by type
  };

  void add(const StagePrice& price);

  const search::Problem& problem_;
  StageRole role_;
  search::StageShape shape_;
  std::vector<search::Size> least_transient_;  // by type
  std::vector<Plane> planes_;
  std::size_t priced_ = 0;
};

}  // namespace galvatron
