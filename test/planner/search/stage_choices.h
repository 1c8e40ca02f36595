// Every choice of options for one stage that holds the whole chain.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "planner/search/stage_model.h"

namespace galvatron::search {

// The options that the model has left. Under a cap these may be fewer than fit: an option of longer
// optimizer goes for a shorter time, which no plan as a whole regrets.
inline Problem with_kept_options(Problem problem, const StageModel& model) {
  for (std::size_t type = 0; type < problem.types.size(); ++type) {
    std::vector<Option> kept;
    for (const Item& item : model.types[type].items) {
      kept.push_back(problem.types[type].options[static_cast<std::size_t>(item.option)]);
    }
    problem.types[type].options = std::move(kept);
  }
  return problem;
}

inline bool has_choice(const Problem& problem) {
  return std::all_of(problem.layers.begin(), problem.layers.end(), [&](int type) {
    return !problem.types[static_cast<std::size_t>(type)].options.empty();
  });
}

// Calls visit with the cost of every choice for the layers that fits the stage.
template <typename Visit>
void for_each_choice(const Problem& problem, const StageShape& shape, const Visit& visit) {
  if (!has_choice(problem)) return;
  StageLayers layers{.types = problem.layers,
                     .options = std::vector<int>(problem.layers.size(), 0)};
  while (true) {
    const StageCost cost = stage_cost(problem, shape, layers);
    if (peak_bytes(cost) <= problem.memory_budget) visit(cost);
    std::size_t at = 0;
    while (at < layers.options.size()) {
      const auto type = static_cast<std::size_t>(layers.types[at]);
      if (++layers.options[at] < static_cast<int>(problem.types[type].options.size())) break;
      layers.options[at++] = 0;
    }
    if (at == layers.options.size()) return;
  }
}

}  // namespace galvatron::search
