#include "test/planner/search/exhaustive.h"

#include <algorithm>
#include <functional>
#include <limits>

namespace galvatron::search {
namespace {

struct StageSums {
  Time t = 0, b = 0, y = 0, o = 0;
  Size kept = 0;     // states and activations in flight
  Size largest = 0;  // transient so far
};

Toll look_up(const std::vector<Toll>& tolls, int index) {
  return tolls.empty() ? Toll{} : tolls.at(static_cast<std::size_t>(index));
}

void pay(StageSums& sums, const Toll& toll) {
  sums.t += toll.time;
  sums.largest = std::max(sums.largest, toll.transient);
}

// Enumerates one stage layer by layer.
class StageEnumeration {
 public:
  StageEnumeration(const Problem& problem, int stage, int end)
      : problem_(problem), shape_(problem.stages[static_cast<std::size_t>(stage)]), end_(end) {}

  std::vector<StageSums> run(int begin) {
    extend(begin, begin, -1, {});
    return points_;
  }

  StageSums walk(int begin, const std::vector<int>& options) const {
    StageSums sums;
    int from = -1;
    for (int layer = begin; layer < end_; ++layer) {
      from = take(sums, layer == begin, layer, {from, options[static_cast<std::size_t>(layer)]});
    }
    return sums;
  }

 private:
  struct Step {
    int from;    // layout of the layer before
    int option;  // of this layer
  };

  const LayerType& type(int layer) const {
    const int index = problem_.layers[static_cast<std::size_t>(layer)];
    return problem_.types[static_cast<std::size_t>(index)];
  }

  // Adds a layer and returns its layout.
  int take(StageSums& sums, bool is_first, int layer, Step step) const {
    const Option& option = type(layer).options[static_cast<std::size_t>(step.option)];
    if (is_first) {
      pay(sums, look_up(type(layer).enter, option.layout));
    } else if (step.from != option.layout) {
      const auto table = static_cast<std::size_t>(type(layer - 1).switch_table);
      pay(sums,
          look_up(problem_.switches[table].tolls, step.from * problem_.layouts + option.layout));
    }
    sums.t += option.time;
    sums.b += option.backward;
    sums.y += option.sync;
    sums.o += option.optimizer;
    sums.kept += option.states + shape_.in_flight * option.activations;
    if (is_first) sums.kept += type(layer).enter_bytes;
    if (layer + 1 == end_) sums.kept += type(layer).leave_bytes;
    sums.largest = std::max(sums.largest, option.transient);
    if (layer + 1 == end_) pay(sums, look_up(type(layer).leave, option.layout));
    return option.layout;
  }

  void extend(int begin, int layer, int from, StageSums sums) {
    if (layer == end_) {
      keep(sums);
      return;
    }
    const int options = static_cast<int>(type(layer).options.size());
    for (int option = 0; option < options; ++option) {
      StageSums next = sums;
      const int layout = take(next, layer == begin, layer, {from, option});
      extend(begin, layer + 1, layout, next);
    }
  }

  void keep(const StageSums& sums) {
    if (sums.kept + sums.largest + shape_.fixed_bytes > problem_.memory_budget) return;
    const auto beats = [](const StageSums& one, const StageSums& other) {
      return one.t <= other.t && one.y <= other.y && one.o <= other.o && one.b >= other.b;
    };
    for (const StageSums& point : points_) {
      if (beats(point, sums)) return;
    }
    std::erase_if(points_, [&](const StageSums& point) { return beats(sums, point); });
    points_.push_back(sums);
  }

  const Problem& problem_;
  StageShape shape_;
  int end_;
  std::vector<StageSums> points_;
};

// What stages chosen so far add up to.
struct StepSums {
  Time sum = 0, slowest = 0, backward = 0, exposed = 0, optimizer = 0;
};

StepSums with_stage(StepSums step, const StageSums& stage) {
  step.sum += stage.t;
  step.slowest = std::max(step.slowest, stage.t);
  step.exposed = std::max(step.exposed, stage.y - step.backward);
  step.backward += stage.b;
  step.optimizer = std::max(step.optimizer, stage.o);
  return step;
}

Time time_of(const Problem& problem, const StepSums& step) {
  return step.sum + (problem.micro_batches - 1) * step.slowest + step.exposed + step.optimizer +
         problem.constant_time;
}

// Whether the stage may end there: before where a given cut begins the next.
bool is_given(const Problem& problem, int stage, int end) {
  const auto next = static_cast<std::size_t>(stage) + 1;
  return next >= problem.stage_begin.size() || problem.stage_begin[next] == end;
}

// Whether layers that belong together stand on one stage, and those that do not on two.
bool keeps_bonds(const Problem& problem, const std::vector<int>& begins) {
  const auto stage_of = [&](int layer) {
    return std::count_if(begins.begin(), begins.end(), [&](int begin) { return begin <= layer; });
  };
  return std::all_of(problem.bonds.begin(), problem.bonds.end(), [&](const Bond& bond) {
    return (stage_of(bond.one) == stage_of(bond.other)) == bond.together;
  });
}

}  // namespace

std::optional<Time> exhaustive_optimum(const Problem& problem) {
  const int layers = static_cast<int>(problem.layers.size());
  const int stages = static_cast<int>(problem.stages.size());
  // points[stage][begin][end]
  std::vector<std::vector<std::vector<std::vector<StageSums>>>> points(problem.stages.size());
  for (int stage = 0; stage < stages; ++stage) {
    auto& of_stage = points[static_cast<std::size_t>(stage)];
    of_stage.resize(problem.layers.size() + 1);
    for (int begin = 0; begin < layers; ++begin) {
      auto& of_begin = of_stage[static_cast<std::size_t>(begin)];
      of_begin.resize(problem.layers.size() + 1);
      if ((stage == 0) != (begin == 0)) continue;
      for (int end = begin + 1; end <= layers; ++end) {
        if (stage + 1 == stages && end != layers) continue;
        of_begin[static_cast<std::size_t>(end)] = StageEnumeration(problem, stage, end).run(begin);
      }
    }
  }
  Time best = std::numeric_limits<Time>::max();
  std::vector<int> begins;
  const std::function<void(int, int, StepSums)> combine = [&](int stage, int begin, StepSums step) {
    if (stage == stages) {
      if (begin == layers && keeps_bonds(problem, begins)) {
        best = std::min(best, time_of(problem, step));
      }
      return;
    }
    begins.push_back(begin);
    for (int end = begin + 1; end <= layers - (stages - 1 - stage); ++end) {
      if (!is_given(problem, stage, end)) continue;
      for (const StageSums& point : points[static_cast<std::size_t>(
               stage)][static_cast<std::size_t>(begin)][static_cast<std::size_t>(end)]) {
        combine(stage + 1, end, with_stage(step, point));
      }
    }
    begins.pop_back();
  };
  combine(0, 0, {});
  if (best == std::numeric_limits<Time>::max()) return std::nullopt;
  return best;
}

std::optional<Time> exhaustive_optimum(const std::vector<Problem>& problems) {
  std::optional<Time> best;
  for (const Problem& problem : problems) {
    const std::optional<Time> optimum = exhaustive_optimum(problem);
    if (optimum && (!best || *optimum < *best)) best = optimum;
  }
  return best;
}

PricedPlan price_plan(const Problem& problem, const Assignment& assignment) {
  StepSums step;
  PricedPlan plan;
  for (std::size_t stage = 0; stage < problem.stages.size(); ++stage) {
    const int end = stage + 1 < problem.stages.size() ? assignment.stage_begin[stage + 1]
                                                      : static_cast<int>(problem.layers.size());
    const StageSums sums = StageEnumeration(problem, static_cast<int>(stage), end)
                               .walk(assignment.stage_begin[stage], assignment.option);
    step = with_stage(step, sums);
    plan.peak = std::max(plan.peak, sums.kept + sums.largest + problem.stages[stage].fixed_bytes);
  }
  plan.total = time_of(problem, step);
  return plan;
}

}  // namespace galvatron::search
