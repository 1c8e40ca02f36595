// The cheapest way through the layers of one stage when all it holds has a price.
#pragma once

#include <vector>

#include "planner/search/problem.h"

namespace galvatron {

// What one unit of each sum weighs. Tolls weigh as time.
struct PathWeights {
  double time = 0;
  double sync = 0;
  double optimizer = 0;
  double memory = 0;
};

double weight_of(const search::Option& option, const PathWeights& weights, std::int64_t in_flight);

struct PathQuestion {
  const search::Problem* problem = nullptr;
  std::vector<int> types{};    // of the layers, in order
  std::int64_t in_flight = 1;  // micro-batches whose activations are held
};

struct PricedPath {
  double sum = 0;              // infinite where some layer or change has no choice
  search::Size transient = 0;  // the largest on the path
};

// The least sum over all choices whose transients stay within `cap`, by dynamic programming over
// the layouts from layer to layer.
PricedPath cheapest_path(const PathQuestion& question, const PathWeights& weights,
                         search::Size cap);

}  // namespace galvatron
