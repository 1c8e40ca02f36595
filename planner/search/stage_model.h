// One layer's options as one stage sees them, with all that can never help removed.
//
// What a stage is asked for differs: a later stage for its least time, the first stage for
// t + y + (m-1) max(t, A), where A is the slowest other stage; a lone stage for m t + y + o. Each
// is the maximum of linear criteria, so an item carries one number per criterion and whatever
// follows (bounds, labels) knows nothing of times. An item goes when another of its layout is no
// worse in every criterion, in memory and in memory + transient: with both no larger, memory +
// max(transient, rest) is no larger for any rest.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "planner/search/interval.h"
#include "planner/search/layout_classes.h"
#include "planner/search/problem.h"

namespace galvatron::search {

enum class Purpose {
  least_time,   // t
  first_stage,  // t + y and m t + y: t + y + (m-1) max(t, A) is max(t + y + (m-1) A, m t + y)
  front,        // t, t - b and t + y: no plan gets slower when none of them grows
  whole_model,  // m t + y + o
};

// The times that a stage may be held to, as memory is to the room. Per step: its optimizer, its
// sync, and its tail, which is both together. Per micro-batch: its lack of backward, by how much it
// stays below the most that options of its layers have; a cap on that is a floor of the backward.
inline constexpr std::size_t kOptimizer = 0;
inline constexpr std::size_t kTail = 1;
inline constexpr std::size_t kSync = 2;
inline constexpr std::size_t kLack = 3;
inline constexpr std::size_t kCappedTimes = 4;
using CappedTimes = std::array<Time, kCappedTimes>;
inline constexpr CappedTimes kNoCaps{kUnlimited, kUnlimited, kUnlimited, kUnlimited};

inline constexpr CappedTimes only_optimizer(Time cap) {
  return {cap, kUnlimited, kUnlimited, kUnlimited};
}

// What the caps hold an option or a stage to, if the backward of its layers is at most this.
inline CappedTimes capped_times(const auto& cost, Time most_backward) {
  return {cost.optimizer, cost.sync + cost.optimizer, cost.sync, most_backward - cost.backward};
}

Time most_backward(const LayerType& type);

// Whether every time is no larger than its counterpart.
inline bool no_longer(const CappedTimes& times, const CappedTimes& others) {
  for (std::size_t j = 0; j < kCappedTimes; ++j) {
    if (times[j] > others[j]) return false;
  }
  return true;
}

// Which of them count.
using Capped = std::array<bool, kCappedTimes>;

inline constexpr std::size_t kCriteria = 3;
using Criteria = std::array<Time, kCriteria>;

struct Item {
  Criteria cost{};       // unused criteria are zero
  CappedTimes capped{};  // zero where there is no cap
  Size memory = 0;       // states and the activations of all micro-batches in flight
  Size transient = 0;
  int option = 0;  // index into the options of the type
  int layout = 0;  // the class of its option's
};

// From here on a layout is a class of the problem's.

// Items sorted by layout: those of layout g are items[begin[g]] up to items[begin[g + 1]].
struct TypeItems {
  std::vector<Item> items{};
  std::vector<int> begin{};
  std::vector<Size> transients{};  // that occur, rising
  Criteria most_cost{};            // no item costs more
};

// The tolls of a switch table, [to * layouts + from]; zero where nothing changes.
struct Switches {
  std::vector<Toll> tolls{};
  std::vector<Time> times{};       // of the tolls
  std::vector<double> weights{};   // the times again
  Time most_time = 0;              // of them
  std::vector<Size> transients{};  // that occur, rising
};

struct Tolls {
  LayoutClasses layouts{};
  std::vector<Switches> switches{};  // [switch table]
};

using SharedTolls = std::shared_ptr<const Tolls>;
SharedTolls make_tolls(const Problem& problem);

struct StageModel {
  const Problem* problem = nullptr;
  int criteria = 1;
  Criteria toll_factor{};  // what one picosecond of toll adds to each criterion
  Size room = 0;           // bytes left for layers and for what the ends of a stage hold
  StageShape shape{};
  Capped capped{};
  std::vector<TypeItems> types{};
  SharedTolls tolls{};
};

struct StageQuestion {
  StageShape shape;
  Purpose purpose = Purpose::least_time;
  Capped capped{};
};

// The problem must outlive the model. All models of a problem may share its tolls.
StageModel make_stage_model(const Problem& problem, const StageQuestion& question,
                            SharedTolls tolls);

inline const LayerType& type_of(const StageModel& model, const Run& run) {
  return model.problem->types[static_cast<std::size_t>(run.type)];
}

// Bytes left for the layers of one interval; may be negative.
Size room_of(const StageModel& model, const Interval& interval);

// The problem without the options that no plan needs, whatever its stages; `original` maps back.
struct PrunedProblem {
  Problem problem;
  std::vector<std::vector<int>> original{};  // [type][option]
};
PrunedProblem prune_options(const Problem& problem);

}  // namespace galvatron::search
