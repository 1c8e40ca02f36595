#include "planner/search/splice.h"

#include <algorithm>
#include <cstddef>

namespace galvatron::search {
namespace {

PathSums joined(const PathSums& one, const PathSums& other) {
  PathSums sums = one;
  for (std::size_t j = 0; j < kCriteria; ++j) sums.cost[j] += other.cost[j];
  for (std::size_t j = 0; j < kCappedTimes; ++j) sums.capped[j] += other.capped[j];
  sums.memory += other.memory;
  sums.transient = std::max(one.transient, other.transient);
  return sums;
}

// A path seen layer by layer.
class Walk {
 public:
  Walk(const CappedStage& stage, const Path& path) : stage_(stage), path_(path) {}

  std::size_t layout(std::size_t layer) const {
    return static_cast<std::size_t>(item(layer).layout);
  }
  PathSums own(std::size_t layer) const {
    return {.cost = item(layer).cost,
            .capped = item(layer).capped,
            .memory = item(layer).memory,
            .transient = item(layer).transient};
  }
  PathSums toll(Time time) const {
    PathSums sums;
    for (std::size_t j = 0; j < kCriteria; ++j) {
      sums.cost[j] = stage_.model().toll_factor[j] * time;
    }
    return sums;
  }

 private:
  const Item& item(std::size_t layer) const {
    return stage_.items_at(layer).items[static_cast<std::size_t>(path_.items[layer])];
  }

  const CappedStage& stage_;
  const Path& path_;
};

}  // namespace

std::vector<int> best_splice(const CappedStage& stage, const Target& target, const Path& head,
                             const Path& tail) {
  const std::size_t layers = stage.length();
  const Walk first(stage, head), second(stage, tail);
  // after[j]: layers j.. of the tail with the tolls between them. Tolls here are within the cap, so
  // the cap stands for their transients.
  std::vector<PathSums> after(layers + 1);
  after[layers] = second.toll(stage.leave_time(second.layout(layers - 1)));
  for (std::size_t layer = layers; layer-- > 0;) {
    after[layer] = joined(after[layer + 1], second.own(layer));
    if (layer + 1 == layers) continue;
    const Time toll =
        stage.switch_time(stage.run_of(layer), second.layout(layer), second.layout(layer + 1));
    after[layer] = joined(after[layer], second.toll(toll));
  }
  PathSums before = first.toll(stage.enter_time(first.layout(0)));
  Time least = target.limit;
  std::size_t best = 0;
  for (std::size_t join = 1; join < layers; ++join) {
    const std::size_t from = first.layout(join - 1);
    before = joined(before, first.own(join - 1));
    if (join > 1) {
      before = joined(before, first.toll(stage.switch_time(stage.run_of(join - 2),
                                                           first.layout(join - 2), from)));
    }
    const Time toll = stage.switch_time(stage.run_of(join - 1), from, second.layout(join));
    if (toll == kUnlimited) continue;
    PathSums sums = joined(joined(before, after[join]), first.toll(toll));
    const Time objective = objective_of(sums, target, stage.model().criteria);
    if (objective >= least || sums.memory > stage.room()) continue;
    if (!fits_stage(stage, target, sums)) continue;
    least = objective;
    best = join;
  }
  if (best == 0) return {};
  std::vector<int> items(head.items.begin(),
                         head.items.begin() + static_cast<std::ptrdiff_t>(best));
  items.insert(items.end(), tail.items.begin() + static_cast<std::ptrdiff_t>(best),
               tail.items.end());
  return items;
}

}  // namespace galvatron::search
