// The published cost model as the numbers that the solver works on: one time and one size per
// layer and strategy, a toll per change of strategy.
#pragma once

#include <optional>
#include <vector>

#include "cost_models/published_memory.h"
#include "cost_models/published_setting.h"
#include "planner/search/problem.h"
#include "planner/search/space.h"

namespace galvatron {

// An axis that a strategy does not have is not restricted.
bool allows_strategy(const SearchSpace& space, const Strategy& strategy);

// One batch and number of stages, with boundaries left free. Each strategy is a layout of its own,
// so that every change of strategy has its toll; micro-batches are part of the layers' times.
struct PublishedProblem {
  std::vector<Strategy> strategies;  // those of the space whose data degree divides the batch
  search::Problem problem;           // the options of each type are the strategies, in order
};

struct PublishedPricing {
  PublishedSetting setting;
  const SearchSpace& space;
  Bytes memory_budget;
  OtherMemory other = OtherMemory::on_first_stage;
};

// None where the space has no strategy for it.
std::optional<PublishedProblem> published_problem(const PublishedPricing& pricing);

// Stage `stage` by itself, holding layers [begin, end).
struct PublishedStageRange {
  int stage = 0;
  int begin = 0;
  int end = 0;
};
search::Problem stage_problem(const search::Problem& whole, const PublishedStageRange& range);

}  // namespace galvatron
