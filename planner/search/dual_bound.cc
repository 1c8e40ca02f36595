#include "planner/search/dual_bound.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "planner/search/master_program.h"

namespace galvatron::search {
namespace {

constexpr int kMostRounds = 48;
constexpr double kDear = 64;

// Each layer's dearest item, with the dearest toll before, after and between them.
double most_objective(const StageModel& model, const Interval& interval, const Target& target) {
  const LayoutClasses& layouts = model.tolls->layouts;
  double toll = 0;
  const auto pay = [&](const std::vector<Toll>& ends) {
    for (const Toll& end : ends) toll = std::max(toll, static_cast<double>(end.time));
  };
  pay(layouts.enter[static_cast<std::size_t>(interval.runs.front().type)]);
  pay(layouts.leave[static_cast<std::size_t>(interval.runs.back().type)]);
  for (const Run& run : interval.runs) {
    const auto table = static_cast<std::size_t>(type_of(model, run).switch_table);
    toll = std::max(toll, static_cast<double>(model.tolls->switches[table].most_time));
  }
  double most = 0;
  for (std::size_t j = 0; j < kCriteria; ++j) {
    double cost = static_cast<double>(target.offset[j]) +
                  (interval.length + 1) * static_cast<double>(model.toll_factor[j]) * toll;
    for (const Run& run : interval.runs) {
      const TypeItems& type = model.types[static_cast<std::size_t>(run.type)];
      cost += run.count * static_cast<double>(type.most_cost[j]);
    }
    most = std::max(most, cost);
  }
  return most + rounding_guard(static_cast<std::size_t>(interval.length), most);
}

}  // namespace

// One bound in the making.
class ColumnGeneration {
 public:
  ColumnGeneration(DualBounds& bounds, CapRange range, Time limit, Work& work)
      : bounds_(bounds),
        range_(range),
        limit_(limit),
        work_(work),
        room_(static_cast<double>(bounds.whole_room_ - range.least)),
        capped_(bounds.model_.capped),
        two_criteria_(bounds.model_.criteria == 2),
        result_(bounds.known(range)) {
    cap_.fill(1);
    for (std::size_t j = 0; j < kCappedTimes; ++j) {
      if (capped_[j]) cap_[j] = static_cast<double>(bounds.target_.caps[j]);
    }
  }

  DualBound run() {
    // A limit of zero is no reason to leave open whether anything fits.
    if (result_.value > 0 && result_.value >= limit_) return std::move(result_);
    if (!may_fit(kMemoryRow, room_)) return infeasible(true);
    for (std::size_t j = 0; j < kCappedTimes; ++j) {
      if (capped_[j] && !may_fit(kFirstCapRow + j, cap_[j])) return infeasible(false);
    }
    collect_columns();
    MasterProgram program(unit_, start());
    for (int round = 0; round < kMostRounds && result_.value < limit_; ++round) {
      if (!program.improve(columns_)) break;
      const std::optional<Column> column = price(program.prices());
      if (!column) break;
      columns_.push_back(*column);
    }
    result_.mix = program.mixed_paths();
    return std::move(result_);
  }

 private:
  static DualBound infeasible(bool for_any_caps) {
    return {.value = kUnlimited, .is_for_any_caps = for_any_caps};
  }

  // Whether the path that needs least of a resource fits.
  bool may_fit(std::size_t row, double available) {
    for (const Path& path : bounds_.paths_) {
      if (is_allowed(path) && need_of(path.sums, row) <= available) return true;
    }
    const auto exceeds = [&](double least) {
      return std::isinf(least) || least - rounding_guard(stage().length(), least) > available;
    };
    for (const DualBounds::Need& need : bounds_.needs_) {
      if (need.row != row || need.most < range_.most) continue;
      if (exceeds(need.least)) return false;
      if (need.most == range_.most) return true;
    }
    Direction direction;
    (row == kMemoryRow ? direction.memory : direction.capped[row - kFirstCapRow]) = 1;
    ++work_.statistics.shortest_paths;
    const Completion completion = stage().complete(direction);
    bounds_.needs_.push_back({.row = row, .most = range_.most, .least = completion.least});
    if (!std::isinf(completion.least)) add_path(stage().cheapest_path(completion));
    return !exceeds(completion.least);
  }

  static double need_of(const PathSums& sums, std::size_t row) {
    return static_cast<double>(row == kMemoryRow ? sums.memory : sums.capped[row - kFirstCapRow]);
  }

  bool is_allowed(const Path& path) const { return path.sums.transient <= range_.most; }

  const CappedStage& stage() { return bounds_.allowed(range_.most); }

  // Its index, or that of one that costs and needs the same.
  std::size_t add_path(Path path) {
    std::vector<Path>& paths = bounds_.paths_;
    const auto like = std::find_if(paths.begin(), paths.end(),
                                   [&](const Path& other) { return other.sums == path.sums; });
    const auto index = static_cast<std::size_t>(like - paths.begin());
    if (like == paths.end()) paths.push_back(std::move(path));
    return index;
  }

  void collect_columns() {
    for (const Path& path : bounds_.paths_) {
      if (is_allowed(path)) unit_ = std::max(unit_, first_cost(path.sums));
    }
    for (std::size_t path = 0; path < bounds_.paths_.size(); ++path) {
      if (is_allowed(bounds_.paths_[path])) columns_.push_back(column_of(path));
    }
  }

  double first_cost(const PathSums& sums) const {
    return static_cast<double>(sums.cost[0] + bounds_.target_.offset[0]);
  }

  Column column_of(std::size_t path) const {
    const PathSums& sums = bounds_.paths_[path].sums;
    const double first = first_cost(sums);
    const double second = static_cast<double>(sums.cost[1] + bounds_.target_.offset[1]);
    Column column{.cost = first, .path = path};
    column.entry[0] = 1;
    column.entry[kMemoryRow] = static_cast<double>(sums.memory) / std::max(1.0, room_);
    for (std::size_t j = 0; j < kCappedTimes; ++j) {
      column.entry[kFirstCapRow + j] = static_cast<double>(sums.capped[j]) / std::max(1.0, cap_[j]);
    }
    if (two_criteria_) column.entry[kCriterionRow] = (second - first) / unit_;
    return column;
  }

  // The cheapest path that fits alone; otherwise a column that fits and costs more than any mix
  // should, to be priced out.
  Column start() const {
    Column best{.cost = kDear * unit_};
    best.entry[0] = 1;
    for (const Column& column : columns_) {
      const bool fits =
          std::all_of(column.entry.begin() + kMemoryRow, column.entry.begin() + kCriterionRow,
                      [](double entry) { return entry <= 1; });
      if (fits && column.cost < best.cost) best = column;
    }
    return best;
  }

  Path cheapest(const Direction& direction) {
    ++work_.statistics.shortest_paths;
    const Completion completion = stage().complete(direction);
    bounds_.priced_.push_back(
        {.direction = direction, .most = range_.most, .least = completion.least});
    const Time value = bounds_.value_of(bounds_.priced_.back(), range_);
    if (value > result_.value) {
      result_.value = value;
      result_.direction = direction;
    }
    return stage().cheapest_path(completion);
  }

  // The bound at these prices, and the column that improves the mix, if one does.
  std::optional<Column> price(const Rows& prices) {
    const double second = std::clamp(-prices[kCriterionRow] / unit_, 0.0, 1.0);
    Direction direction{.cost = {two_criteria_ ? 1 - second : 1, two_criteria_ ? second : 0, 0},
                        .memory = std::max(0.0, -prices[kMemoryRow]) / std::max(1.0, room_)};
    for (std::size_t j = 0; j < kCappedTimes; ++j) {
      if (!capped_[j]) continue;
      direction.capped[j] = std::max(0.0, -prices[kFirstCapRow + j]) / std::max(1.0, cap_[j]);
    }
    const Column column = column_of(add_path(cheapest(direction)));
    const double reduced = MasterProgram::reduced_cost(column, prices);
    if (reduced > -1e-10 * (std::abs(prices[0]) + 1)) return std::nullopt;
    return column;
  }

  DualBounds& bounds_;
  CapRange range_;
  Time limit_;
  Work& work_;
  double room_;
  Capped capped_;
  std::array<double, kCappedTimes> cap_{};
  bool two_criteria_;
  double unit_ = 1;
  std::vector<Column> columns_;
  DualBound result_;
};

DualBounds::DualBounds(const StageModel& model, const Interval& interval, const Target& target)
    : model_(model),
      interval_(interval),
      target_(target),
      whole_room_(room_of(model, interval)),
      most_objective_(most_objective(model, interval, target)) {}

DualBound DualBounds::of(CapRange range, Time limit, Work& work) {
  if (whole_room_ < range.least) return {.value = kUnlimited, .is_for_any_caps = true};
  return ColumnGeneration(*this, range, limit, work).run();
}

DualBound DualBounds::known(CapRange range) const {
  DualBound best{.direction = {.cost = {1, 0, 0}}};
  for (const Priced& priced : priced_) {
    if (priced.most < range.most) continue;
    const Time value = value_of(priced, range);
    if (value <= best.value) continue;
    best.value = value;
    best.direction = priced.direction;
  }
  return best;
}

// What prices say of a range that allows no more than they were weighed with.
Time DualBounds::value_of(const Priced& priced, CapRange range) const {
  const Direction& direction = priced.direction;
  double spent = direction.memory * static_cast<double>(whole_room_ - range.least);
  for (std::size_t j = 0; j < kCappedTimes; ++j) {
    if (model_.capped[j]) spent += direction.capped[j] * static_cast<double>(target_.caps[j]);
  }
  const double offset = direction.cost[0] * static_cast<double>(target_.offset[0]) +
                        direction.cost[1] * static_cast<double>(target_.offset[1]);
  const double bound = priced.least + offset - spent;
  const double guard = rounding_guard(static_cast<std::size_t>(interval_.length),
                                      priced.least + std::abs(offset) + spent);
  return bound - guard > most_objective_ ? kUnlimited : round_bound(bound, guard);
}

const CappedStage& DualBounds::allowed(Size most) {
  const auto known = std::find_if(allowed_.begin(), allowed_.end(),
                                  [&](const auto& stage) { return stage->cap() == most; });
  if (known != allowed_.end()) return **known;
  allowed_.push_back(std::make_unique<CappedStage>(model_, interval_, CapRange{.most = most}));
  return *allowed_.back();
}

Time objective_of(const PathSums& sums, const Target& target, int criteria) {
  const Time first = sums.cost[0] + target.offset[0];
  return criteria == 2 ? std::max(first, sums.cost[1] + target.offset[1]) : first;
}

bool fits_stage(const CappedStage& stage, const Target& target, const PathSums& sums) {
  return sums.memory + sums.transient <= stage.whole_room() && no_longer(sums.capped, target.caps);
}

Time round_bound(double bound, double guard) {
  const double safe = std::ceil(bound - guard);
  if (!(safe > 0)) return 0;
  constexpr double kLargest = 9e18;
  return safe >= kLargest ? kUnlimited : static_cast<Time>(safe);
}

}  // namespace galvatron::search
