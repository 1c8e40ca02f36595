#include "planner/search/stage_solver.h"

#include <algorithm>
#include <utility>

#include "planner/search/label_search.h"
#include "planner/search/splice.h"

namespace galvatron::search {
namespace {

constexpr std::size_t kSplicedPaths = 3;

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
  bool settled = false;
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
    if (task_.width == 0 && caps_hardly_matter()) return answer();
    while (true) {
      Range& least = *std::min_element(
          ranges_.begin(), ranges_.end(),
          [](const Range& one, const Range& other) { return one.bound < other.bound; });
      if (least.bound >= target_.limit || least.settled) break;
      if (least.first == least.last) {
        if (task_.width == 0) break;
        settle(least);
      } else {
        const Range whole = std::exchange(least, ranges_.back());
        ranges_.pop_back();
        const std::size_t middle = (whole.first + whole.last) / 2;
        open(whole.first, middle, whole.bound);
        open(middle + 1, whole.last, whole.bound);
      }
    }
    return answer();
  }

  std::vector<StagePoint> front() {
    ++work_.statistics.stage_bounds;
    std::vector<StagePoint> points;
    for (std::size_t cap = 0; cap < caps_.size(); ++cap) {
      const CappedStage stage = capped(cap, cap);
      const DualBound bound = dual_bound(stage, target_, work_);
      if (bound.value >= target_.limit) continue;
      const LabelAnswer found = label_search(
          {.stage = &stage, .target = target_, .prices = bound.direction, .width = kAnyWidth},
          work_);
      for (const Path& path : found.paths) points.push_back(point_of(task_, path.items));
    }
    return points;
  }

 private:
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
    if (bound.value != kUnlimited) {
      least_share_ = std::min(least_share_, bound.direction.cost[0]);
      most_share_ = std::max(most_share_, bound.direction.cost[0]);
    }
    for (const Path& path : bound.paths) offer(stage, path.items, path.sums);
    splice(stage, bound.paths);
  }

  // Whether halving the range of all caps could raise its bound by next to nothing: none of its
  // parts has a larger bound than need be for what has least room, where nothing is forbidden.
  bool caps_hardly_matter() {
    constexpr Time kNegligible = 1 << 13;  // its reciprocal is the share
    const Range whole = ranges_.front();
    if (whole.first == whole.last || whole.bound >= target_.limit) return true;
    open(whole.last, whole.last, whole.bound);
    const Time least_room = ranges_.back().bound;
    ranges_.pop_back();
    return least_room - whole.bound <= whole.bound / kNegligible;
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

  void settle(Range& range) {
    const CappedStage stage = capped(range.first, range.last);
    const LabelAnswer found = label_search(
        {.stage = &stage, .target = target_, .prices = range.prices, .width = task_.width}, work_);
    range.bound = std::max(range.bound, found.lower);
    range.settled = true;
    for (const Path& path : found.paths) offer(stage, path.items, path.sums);
  }

  StageAnswer answer() const {
    StageAnswer answer{.lower = best_.empty() ? kUnlimited : target_.limit};
    bool by_labels = false;
    for (const Range& range : ranges_) {
      answer.lower = std::min(answer.lower, range.bound);
      by_labels |= range.settled;
    }
    answer.least_share = by_labels ? 0 : std::min(least_share_, most_share_);
    answer.most_share = by_labels ? 1 : most_share_;
    if (!best_.empty()) answer.best = point_of(task_, best_);
    return answer;
  }

  const StageTask& task_;
  Work& work_;
  std::vector<Size> caps_;
  Target target_;
  std::vector<Range> ranges_;
  std::vector<int> best_;
  double least_share_ = 1;
  double most_share_ = 0;
};

}  // namespace

StageAnswer solve_stage(const StageTask& task, Work& work) { return StageSolver(task, work).run(); }

std::vector<StagePoint> stage_front(const StageTask& task, Work& work) {
  return StageSolver(task, work).front();
}

}  // namespace galvatron::search
