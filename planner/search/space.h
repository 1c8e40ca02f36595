// Which strategies the search may choose from.
//
// The whole space: any pipeline degree that divides the devices, any number of micro-batches that
// divides the batch, and per layer every tensor x data degree that the layer's sizes and the tokens
// allow, in both orders, with ZeRO 0-3, sequence parallelism and recomputation. `--only` pins axes;
// a runtime states what it can execute.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cost_models/layer.h"
#include "cost_models/redistribution.h"
#include "cost_models/runtime.h"
#include "cost_models/strategy.h"
#include "planner/plan/plan.h"

namespace galvatron {

// Allowed values by axis; absent means all.
struct SearchSpace {
  std::optional<std::set<std::int64_t>> pipeline;
  std::optional<std::set<std::int64_t>> micro_batches;
  std::optional<std::set<std::int64_t>> tensor;
  std::optional<std::set<std::int64_t>> data;
  std::optional<std::set<Order>> order;
  std::optional<std::set<Zero>> zero;
  std::optional<std::set<Recompute>> recompute;
  std::optional<std::set<bool>> sequence_parallel;
  std::optional<std::set<Schedule>> schedule;
  HeadRecompute head = HeadRecompute::as_blocks;

  bool operator==(const SearchSpace&) const = default;
};

// What is wrong with one `--only AXIS=V[,V…]`, and the nearest word that would be right.
struct SpaceProblem {
  std::string message;
  std::string hint;
};

// Names of the axes, as `--only` takes them.
const std::vector<std::string>& axis_names();

// The space that the runtime executes, cut down by the restrictions; `problems` is empty if every
// restriction could be read.
struct SpaceReading {
  SearchSpace space;
  std::vector<SpaceProblem> problems;
};

SpaceReading read_space(const std::vector<AxisRestriction>& only, const Runtime& runtime);

// Where a layer stands: what it takes in is what the layer before it makes.
struct LayerPlace {
  int devices = 1;           // of the stage
  std::int64_t samples = 0;  // of a micro-batch
  std::int64_t taken_tokens_per_sample = 0;
};

// Every valid strategy of `layer` on a stage's devices, in a fixed order. An axis that does not
// exist for a layer (order where a degree is 1, ZeRO without data parallelism) is not restricted.
std::vector<Strategy> layer_strategies(const Layer& layer, const LayerPlace& place,
                                       const SearchSpace& space);

// What the uses of a tied table must have in common: the strategy but for what does not concern the
// table.
Strategy part_for_tables(Strategy strategy);

// Every divisor of `value`, ascending.
std::vector<std::int64_t> divisors(std::int64_t value);

template <typename T>
bool allows(const std::optional<std::set<T>>& axis, const T& value) {
  return !axis || axis->count(value) > 0;
}

}  // namespace galvatron
