#include "planner/search/stage_solver.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "planner/search/label_search.h"
#include "planner/search/splice.h"

namespace galvatron::search {
namespace {

constexpr std::size_t kSplicedPaths = 3;

// The reciprocal of the share of a bound by prices that is not worth more of them.
constexpr Time kNegligible = 1 << 13;

const LayerType& type_of(const StageModel& model, const Run& run) {
  return model.problem->types[static_cast<std::size_t>(run.type)];
}

// The caps that differ: every transient that may occur in the stage, from the largest that cannot
// be avoided up to the room. Empty when some layer has no option.
std::vector<Size> caps_of(const StageModel& model, const Interval& interval) {
  std::vector<Size> transients;
  const auto add_tolls = [&](const std::vector<Toll>& tolls) {
    for (const Toll& toll : tolls) transients.push_back(toll.transient);
  };
  const auto add = [&](const std::vector<Size>& sizes) {
    transients.insert(transients.end(), sizes.begin(), sizes.end());
  };
  add_tolls(type_of(model, interval.runs.front()).enter);
  add_tolls(type_of(model, interval.runs.back()).leave);
  Size unavoidable = 0;
  for (const Run& run : interval.runs) {
    if (interval.length > 1) {
      add((*model.switches)[static_cast<std::size_t>(type_of(model, run).switch_table)].transients);
    }
    const TypeItems& type = model.types[static_cast<std::size_t>(run.type)];
    add(type.transients);
    unavoidable = std::max(unavoidable, type.items.empty() ? kUnlimited : type.transients.front());
  }
  std::sort(transients.begin(), transients.end());
  transients.erase(std::unique(transients.begin(), transients.end()), transients.end());
  const Size room = room_of(model, interval);
  std::vector<Size> caps;
  for (const Size transient : transients) {
    if (transient >= unavoidable && transient <= room) caps.push_back(transient);
  }
  return caps;
}

StagePoint point_of(const StageTask& task, const std::vector<int>& items) {
  StageLayers layers;
  for (const Run& run : task.interval->runs) {
    const TypeItems& type = task.model->types[static_cast<std::size_t>(run.type)];
    for (int i = 0; i < run.count; ++i) {
      const auto item = static_cast<std::size_t>(items[layers.types.size()]);
      layers.types.push_back(run.type);
      layers.options.push_back(type.items[item].option);
    }
  }
  return {.cost = stage_cost(*task.model->problem, task.model->shape, layers),
          .option = std::move(layers.options)};
}

// Caps [first, last] and what is known of them.
struct Range {
  std::size_t first = 0;
  std::size_t last = 0;
  Time bound = 0;
  Direction prices{};
  bool searched = false;  // by labels,
  bool settled = false;   // which halving will not improve
};

class StageSolver {
 public:
  StageSolver(const StageTask& task, Work& work)
      : task_(task),
        work_(work),
        caps_(caps_of(*task.model, *task.interval)),
        target_(task.target) {}

  StageAnswer run() {
    ++work_.statistics.stage_bounds;
    if (caps_.empty()) return {.lower = kUnlimited};
    open(0, caps_.size() - 1, 0);
    const Time negligible = ranges_.front().bound / kNegligible;
    if (task_.width == 0 && caps_hardly_matter(ranges_.front(), negligible)) return answer();
    while (true) {
      Range& least = *std::min_element(
          ranges_.begin(), ranges_.end(),
          [](const Range& one, const Range& other) { return one.bound < other.bound; });
      if (least.bound >= target_.limit || least.settled) break;
      if (is_worth_labels(least)) {
        search_labels(least);
      } else if (is_lone(least)) {
        break;
      } else {
        halve(least);
      }
    }
    return answer();
  }

  std::optional<std::vector<StagePoint>> front() {
    ++work_.statistics.stage_bounds;
    std::vector<StagePoint> points;
    for (std::size_t cap = 0; cap < caps_.size(); ++cap) {
      const CappedStage stage = capped(cap, cap);
      const DualBound bound = dual_bound(stage, target_, work_);
      if (bound.value >= target_.limit) continue;
      const LabelAnswer found = label_search(
          {.stage = &stage, .target = target_, .prices = bound.direction, .width = task_.width},
          work_);
      if (found.lower < kUnlimited) return std::nullopt;
      for (const Path& path : found.paths) points.push_back(point_of(task_, path.items));
    }
    return points;
  }

 private:
  static CapSlopes no_slopes() {
    CapSlopes slopes;
    slopes.fill({.least = kForbidden, .most = 0});
    return slopes;
  }

  static bool is_lone(const Range& range) { return range.first == range.last; }

  CappedStage capped(std::size_t first, std::size_t last) const {
    return {*task_.model, *task_.interval, {.least = caps_[first], .most = caps_[last]}};
  }

  void open(std::size_t first, std::size_t last, Time at_least) {
    work_.check();
    const CappedStage stage = capped(first, last);
    const DualBound bound = dual_bound(stage, target_, work_);
    ranges_.push_back({.first = first,
                       .last = last,
                       .bound = std::max(at_least, bound.value),
                       .prices = bound.direction});
    note_slopes(bound);
    for (const Path& path : bound.paths) offer(stage, path.items, path.sums);
    splice(stage, bound.paths);
  }

  void halve(Range& range) {
    const Range whole = std::exchange(range, ranges_.back());
    ranges_.pop_back();
    const std::size_t middle = (whole.first + whole.last) / 2;
    open(whole.first, middle, whole.bound);
    open(middle + 1, whole.last, whole.bound);
  }

  // Whether halving promises little of what is missing.
  bool is_worth_labels(const Range& range) {
    if (task_.width == 0 || range.searched) return false;
    if (is_lone(range)) return true;
    return target_.limit < kUnlimited &&
           caps_hardly_matter(range, (target_.limit - range.bound) / 4);
  }

  void note_slopes(const DualBound& bound) {
    const auto note = [](Slope& slope, double price) {
      slope.least = std::min(slope.least, price);
      slope.most = std::max(slope.most, price);
    };
    if (bound.is_for_any_caps) return;
    if (bound.value == kUnlimited) {
      for (Slope& slope : cap_) slope.most = kForbidden;
      return;
    }
    note(offset_, bound.direction.cost[0]);
    for (std::size_t j = 0; j < kCappedTimes; ++j) note(cap_[j], bound.direction.capped[j]);
  }

  // Whether halving a range of caps could raise its bound by no more than this: none of its parts
  // has a larger bound than need be for what has least room, where nothing is forbidden.
  bool caps_hardly_matter(const Range& whole, Time much) {
    if (is_lone(whole) || whole.bound >= target_.limit) return true;
    const CappedStage stage = capped(whole.last, whole.last);
    const DualBound bound = dual_bound(stage, target_, work_);
    for (const Path& path : bound.paths) offer(stage, path.items, path.sums);
    return bound.value <= whole.bound + much;
  }

  void splice(const CappedStage& stage, const std::vector<Path>& paths) {
    const std::size_t begin = paths.size() - std::min(paths.size(), kSplicedPaths);
    for (std::size_t head = begin; head < paths.size(); ++head) {
      for (std::size_t tail = begin; tail < paths.size(); ++tail) {
        if (head == tail) continue;
        const std::vector<int> items = best_splice(stage, target_, paths[head], paths[tail]);
        if (!items.empty()) offer(stage, items, stage.sums_of(items));
      }
    }
  }

  // Takes a path that fits and beats what is known; from then on only better ones count.
  void offer(const CappedStage& stage, const std::vector<int>& items, const PathSums& sums) {
    if (!fits_stage(stage, target_, sums)) return;
    const Time objective = objective_of(sums, target_, task_.model->criteria);
    if (objective >= target_.limit) return;
    target_.limit = objective;
    best_ = items;
  }

  void search_labels(Range& range) {
    by_labels_ = range.searched = true;
    const CappedStage stage = capped(range.first, range.last);
    const LabelAnswer found = label_search(
        {.stage = &stage, .target = target_, .prices = range.prices, .width = task_.width}, work_);
    range.bound = std::max(range.bound, found.lower);
    const bool has_best =
        !found.paths.empty() &&
        objective_of(found.paths.front().sums, target_, task_.model->criteria) <= found.lower;
    range.settled = is_lone(range) || !has_best;
    for (const Path& path : found.paths) offer(stage, path.items, path.sums);
  }

  StageAnswer answer() const {
    StageAnswer answer{.lower = best_.empty() ? kUnlimited : target_.limit};
    for (const Range& range : ranges_) answer.lower = std::min(answer.lower, range.bound);
    if (!by_labels_) answer.offset = {std::min(offset_.least, offset_.most), offset_.most};
    for (std::size_t j = 0; j < kCappedTimes; ++j) {
      const bool is_known = !by_labels_ && cap_[j].least <= cap_[j].most;
      answer.shrinking_cap[j] = is_known ? cap_[j] : Slope{.least = 0, .most = kForbidden};
    }
    if (!best_.empty()) answer.best = point_of(task_, best_);
    return answer;
  }

  const StageTask& task_;
  Work& work_;
  std::vector<Size> caps_;
  Target target_;
  std::vector<Range> ranges_;
  std::vector<int> best_;
  Slope offset_{.least = 1, .most = 0};
  CapSlopes cap_ = no_slopes();
  bool by_labels_ = false;
};

}  // namespace

Time shifted_bound(Time lower, double shift, std::size_t terms) {
  const double before = static_cast<double>(lower);
  const double guard = rounding_guard(terms, std::abs(shift) + before);
  return round_bound(std::floor(before + shift - guard), 0);
}

double shift_between(const CappedTimes& proved, const CappedTimes& caps, const CapSlopes& slopes) {
  double shift = 0;
  for (std::size_t j = 0; j < kCappedTimes; ++j) {
    if (caps[j] == proved[j] || proved[j] == kUnlimited) continue;
    shift += slopes[j].shift(caps[j] == kUnlimited ? -kForbidden
                                                   : static_cast<double>(proved[j] - caps[j]));
  }
  return shift;
}

StageAnswer solve_stage(const StageTask& task, Work& work) { return StageSolver(task, work).run(); }

std::optional<std::vector<StagePoint>> stage_front(const StageTask& task, Work& work) {
  return StageSolver(task, work).front();
}

}  // namespace galvatron::search
