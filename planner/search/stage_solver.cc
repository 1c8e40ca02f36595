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
  const LayoutClasses& layouts = model.tolls->layouts;
  add_tolls(layouts.enter[static_cast<std::size_t>(interval.runs.front().type)]);
  add_tolls(layouts.leave[static_cast<std::size_t>(interval.runs.back().type)]);
  Size unavoidable = 0;
  int last_table = -1;
  for (const Run& run : interval.runs) {
    const int table = type_of(model, run).switch_table;
    if (interval.length > 1 && table != last_table) {
      add(model.tolls->switches[static_cast<std::size_t>(table)].transients);
    }
    last_table = table;
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
  DualBound dual{};
  bool opened = false;    // by prices of its own
  bool searched = false;  // by labels, which halving will not improve
};

class StageSolver {
 public:
  StageSolver(const StageTask& task, Work& work)
      : task_(task),
        work_(work),
        caps_(caps_of(*task.model, *task.interval)),
        bounds_(*task.model, *task.interval, task.target),
        target_(task.target) {}

  StageAnswer run() {
    ++work_.statistics.stage_bounds;
    if (caps_.empty()) return {.lower = kUnlimited};
    ranges_.push_back({.first = 0, .last = caps_.size() - 1});
    open(ranges_.front());
    const Time negligible = ranges_.front().bound / kNegligible;
    if (task_.width == 0 && caps_hardly_matter(ranges_.front(), negligible)) return answer();
    while (true) {
      Range& least = *std::min_element(
          ranges_.begin(), ranges_.end(),
          [](const Range& one, const Range& other) { return one.bound < other.bound; });
      if (least.bound >= target_.limit || least.searched) break;
      if (!least.opened) {
        open(least);
      } else if (is_worth_labels(least)) {
        search_labels(least);
      } else if (is_lone(least) || (task_.width == 0 && mix_fits(least))) {
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
    if (caps_.empty()) return points;
    const DualBound bound = bounds_.of(range_of(0, caps_.size() - 1), target_.limit, work_);
    if (bound.value >= target_.limit) return points;
    const CappedStage stage = capped(0, caps_.size() - 1);
    const LabelAnswer found = label_search(
        {.stage = &stage, .target = target_, .prices = bound.direction, .width = task_.width},
        work_);
    if (found.lower < kUnlimited) return std::nullopt;
    for (const Path& path : found.paths) points.push_back(point_of(task_, path.items));
    return points;
  }

 private:
  static CapSlopes no_slopes() {
    CapSlopes slopes;
    slopes.fill({.least = kForbidden, .most = 0});
    return slopes;
  }

  static bool is_lone(const Range& range) { return range.first == range.last; }

  CapRange range_of(std::size_t first, std::size_t last) const {
    return {.least = caps_[first], .most = caps_[last]};
  }
  CappedStage capped(std::size_t first, std::size_t last) const {
    return {*task_.model, *task_.interval, range_of(first, last)};
  }

  void open(Range& range) {
    work_.check();
    range.opened = true;
    price(range);
    splice(range);
  }

  // Bounds a range by prices and looks at the paths that this brings.
  void price(Range& range) {
    range.dual = bounds_.of(range_of(range.first, range.last), target_.limit, work_);
    range.bound = std::max(range.bound, range.dual.value);
    for (; offered_ < bounds_.paths().size(); ++offered_) {
      const Path& path = bounds_.paths()[offered_];
      offer(path.items, path.sums);
    }
  }

  // The largest transient of the paths that are mixed.
  Size mixed_transient(const Range& range) const {
    Size most = 0;
    for (const std::size_t path : range.dual.mix) {
      most = std::max(most, bounds_.paths()[path].sums.transient);
    }
    return most;
  }

  // Whether the mix fits the least cap too, so that no part of the range has a larger bound.
  bool mix_fits(const Range& range) const {
    return !range.dual.mix.empty() && mixed_transient(range) <= caps_[range.first];
  }

  // In the middle of the caps below the largest transient of the mix: one part loses paths of the
  // mix, and the other room.
  void halve(Range& range) {
    const Range whole = std::exchange(range, ranges_.back());
    ranges_.pop_back();
    std::size_t last = whole.last;
    if (!whole.dual.mix.empty() && !mix_fits(whole)) {
      const Size most = mixed_transient(whole);
      while (caps_[last - 1] >= most) --last;
    }
    const std::size_t middle = (whole.first + last - 1) / 2;
    inherit(whole, whole.first, middle);
    inherit(whole, middle + 1, whole.last);
  }

  void inherit(const Range& whole, std::size_t first, std::size_t last) {
    DualBound known = bounds_.known(range_of(first, last));
    const Time bound = std::max(whole.bound, known.value);
    ranges_.push_back({.first = first, .last = last, .bound = bound, .dual = std::move(known)});
  }

  // Whether halving promises little of what is missing.
  bool is_worth_labels(const Range& range) {
    if (task_.width == 0) return false;
    if (is_lone(range)) return true;
    return target_.limit < kUnlimited &&
           caps_hardly_matter(range, (target_.limit - range.bound) / 4);
  }

  // Whether halving a range of caps could raise its bound by no more than this: none of its parts
  // has a larger bound than need be for what has least room, where nothing is forbidden.
  bool caps_hardly_matter(const Range& whole, Time much) {
    if (is_lone(whole) || whole.bound >= target_.limit || mix_fits(whole)) return true;
    Range last{.first = whole.last, .last = whole.last};
    price(last);
    return last.bound <= whole.bound + much;
  }

  // The mix is of paths on both sides of the limits.
  void splice(const Range& range) {
    const CappedStage& stage = bounds_.allowed(caps_[range.last]);
    const std::size_t count = std::min(range.dual.mix.size(), kSplicedPaths);
    for (std::size_t head = 0; head < count; ++head) {
      for (std::size_t tail = 0; tail < count; ++tail) {
        if (head == tail) continue;
        const std::vector<int> items =
            best_splice(stage, target_, bounds_.paths()[range.dual.mix[head]],
                        bounds_.paths()[range.dual.mix[tail]]);
        if (!items.empty()) offer(items, stage.sums_of(items));
      }
    }
  }

  // Takes a path that fits and beats what is known; from then on only better ones count.
  void offer(const std::vector<int>& items, const PathSums& sums) {
    if (!fits_stage(bounds_.allowed(caps_.back()), target_, sums)) return;
    const Time objective = objective_of(sums, target_, task_.model->criteria);
    if (objective >= target_.limit) return;
    target_.limit = objective;
    best_ = items;
  }

  void search_labels(Range& range) {
    by_labels_ = range.searched = true;
    const CappedStage stage = capped(range.first, range.last);
    const LabelAnswer found = label_search(
        {.stage = &stage, .target = target_, .prices = range.dual.direction, .width = task_.width},
        work_);
    range.bound = std::max(range.bound, found.lower);
    for (const Path& path : found.paths) offer(path.items, path.sums);
  }

  // What the prices of all ranges have in common.
  void note_slopes(StageAnswer& answer) const {
    const auto note = [](Slope& slope, double price) {
      slope.least = std::min(slope.least, price);
      slope.most = std::max(slope.most, price);
    };
    Slope offset{.least = 1, .most = 0};
    CapSlopes cap = no_slopes();
    for (const Range& range : ranges_) {
      if (range.dual.is_for_any_caps) continue;
      if (range.dual.value == kUnlimited) {
        for (Slope& slope : cap) slope.most = kForbidden;
        continue;
      }
      note(offset, range.dual.direction.cost[0]);
      for (std::size_t j = 0; j < kCappedTimes; ++j) note(cap[j], range.dual.direction.capped[j]);
    }
    answer.offset = {std::min(offset.least, offset.most), offset.most};
    for (std::size_t j = 0; j < kCappedTimes; ++j) {
      if (cap[j].least <= cap[j].most) answer.shrinking_cap[j] = cap[j];
    }
  }

  StageAnswer answer() const {
    StageAnswer answer{.lower = best_.empty() ? kUnlimited : target_.limit};
    for (const Range& range : ranges_) answer.lower = std::min(answer.lower, range.bound);
    answer.shrinking_cap.fill({.least = 0, .most = kForbidden});
    if (!by_labels_) note_slopes(answer);
    if (!best_.empty()) answer.best = point_of(task_, best_);
    return answer;
  }

  const StageTask& task_;
  Work& work_;
  std::vector<Size> caps_;
  DualBounds bounds_;
  Target target_;
  std::vector<Range> ranges_;
  std::size_t offered_ = 0;  // of the paths
  std::vector<int> best_;
  bool by_labels_ = false;
};

}  // namespace

Time shifted_bound(Time lower, double shift, std::size_t terms) {
  const double before = static_cast<double>(lower);
  const double guard = rounding_guard(terms, std::abs(shift) + before);
  const double proved = before + shift - guard;
  constexpr double kLargest = 9e18;
  if (!(proved >= 1)) return 0;
  return proved >= kLargest ? kUnlimited : static_cast<Time>(proved);
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
