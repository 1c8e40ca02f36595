// A stage under a cap on its transient, and the cheapest paths through it.
//
// A stage's memory holds a maximum (the largest transient), which no sum can express. Under a cap
// on it the maximum is gone: options and tolls above the cap are forbidden, the cap itself is set
// aside, and what is left is a shortest path over layouts for any weighting of costs and resources.
// A range of caps allows what its largest allows and sets aside what its least does: a relaxation
// of each.
#pragma once

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "planner/search/interval.h"
#include "planner/search/stage_model.h"

namespace galvatron::search {

inline constexpr double kForbidden = std::numeric_limits<double>::infinity();

struct CapRange {
  Size least = 0;
  Size most = 0;
};

// Weights of criteria and resources.
struct Direction {
  std::array<double, kCriteria> cost{};
  double memory = 0;
  std::array<double, kCappedTimes> capped{};
};

// Sums over a path, exact.
struct PathSums {
  Criteria cost{};
  CappedTimes capped{};
  Size memory = 0;
  Size transient = 0;
  bool operator==(const PathSums&) const = default;
};

struct Path {
  std::vector<int> items{};  // per layer, index into the items of its type
  PathSums sums{};
};

// For one direction: the least weight from each layer and layout to the stage's end.
struct Completion {
  Direction direction{};
  std::vector<double> least_item{};  // [run][layout], infinite where nothing is allowed
  std::vector<int> best_item{};      // [run][layout]
  std::vector<double> rows{};        // [row][layout], the weight after the layer itself
  std::vector<std::size_t> row{};    // per layer: offset of its row; equal steps share one row
  std::vector<double> shift{};       // per layer: what to add to the row
  double least = 0;                  // weight of the cheapest path

  double rest(std::size_t layer, std::size_t layout) const {
    return rows[row[layer] + layout] + shift[layer];
  }
};

class CappedStage {
 public:
  // The model and the interval must outlive this view.
  CappedStage(const StageModel& model, const Interval& interval, CapRange cap);
  CappedStage(const CappedStage&) = delete;
  CappedStage& operator=(const CappedStage&) = delete;

  Completion complete(const Direction& direction) const;
  Path cheapest_path(const Completion& completion) const;
  PathSums sums_of(const std::vector<int>& items) const;

  // Of the tolls; kUnlimited where the cap forbids one.
  Time enter_time(std::size_t layout) const { return enter_[layout]; }
  Time leave_time(std::size_t layout) const { return leave_[layout]; }
  Time switch_time(std::size_t run, std::size_t from, std::size_t to) const {
    return switches_[run][to * layouts_ + from];
  }

  const StageModel& model() const { return *model_; }
  const Interval& interval() const { return *interval_; }
  std::size_t layouts() const { return layouts_; }
  std::size_t length() const { return run_of_.size(); }
  std::size_t run_of(std::size_t layer) const { return run_of_[layer]; }
  const TypeItems& items_of_run(std::size_t run) const {
    return model_->types[static_cast<std::size_t>(interval_->runs[run].type)];
  }
  const TypeItems& items_at(std::size_t layer) const { return items_of_run(run_of_[layer]); }
  Size cap() const { return cap_.most; }
  Size whole_room() const { return room_; }  // for layers and transients
  Size room() const { return room_ - cap_.least; }
  // What a transient within the range sets aside beyond what the range does.
  Size beyond_least(Size transient) const { return std::max<Size>(0, transient - cap_.least); }
  Size enter_transient(std::size_t layout) const { return enter_tolls()[layout].transient; }
  Size leave_transient(std::size_t layout) const { return leave_tolls()[layout].transient; }
  Size switch_transient(std::size_t run, std::size_t from, std::size_t to) const {
    return switch_tolls_[run][to * layouts_ + from].transient;
  }
  // What one picosecond of toll weighs.
  double toll_factor(const Direction& direction) const;

 private:
  void weigh_items(Completion& completion) const;
  const std::vector<Toll>& enter_tolls() const {
    return model_->tolls->layouts.enter[static_cast<std::size_t>(interval_->runs.front().type)];
  }
  const std::vector<Toll>& leave_tolls() const {
    return model_->tolls->layouts.leave[static_cast<std::size_t>(interval_->runs.back().type)];
  }
  struct Narrowed {
    const Switches* whole;
    std::vector<Time> times;
    std::vector<double> weights;
  };
  const Narrowed& narrowed(const Switches& switches);

  const StageModel* model_;
  const Interval* interval_;
  CapRange cap_;
  Size room_;
  std::size_t layouts_;
  std::vector<std::size_t> run_of_;
  std::vector<Time> enter_, leave_;  // [layout]
  // [run], of the run's output: [to][from]. They point into the model, or where the cap forbids
  // some, into narrowed_.
  std::vector<const Time*> switches_;
  std::vector<const Toll*> switch_tolls_;  // the same, with what the cap forbids
  std::vector<const double*> switch_weights_;
  std::vector<Narrowed> narrowed_;
};

// The weight of what has costs and resources: an item, a label.
double weight_of(const auto& sums, const Direction& direction) {
  double weight = direction.memory * static_cast<double>(sums.memory);
  for (std::size_t j = 0; j < kCappedTimes; ++j) {
    weight += direction.capped[j] * static_cast<double>(sums.capped[j]);
  }
  for (std::size_t j = 0; j < kCriteria; ++j) {
    weight += direction.cost[j] * static_cast<double>(sums.cost[j]);
  }
  return weight;
}

// Least and largest weights differ by rounding only within this share of the weights that were
// added; `layers` of them were.
inline double rounding_guard(std::size_t layers, double magnitude) {
  return (static_cast<double>(layers) + 16) * 4e-16 * magnitude;
}

}  // namespace galvatron::search
