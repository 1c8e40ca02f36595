#include "planner/search/label_cuts.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace galvatron::search {
namespace {

// The directions whose completions cut labels: the prices found, and around them, because the best
// prices for the rest of a stage drift away from those for the whole as choices are made.
std::vector<Direction> directions_around(const Direction& prices, const StageModel& model) {
  std::vector<Direction> all{prices};
  const auto add = [&](double memory, double capped) {
    Direction next = prices;
    next.memory *= memory;
    for (double& price : next.capped) price *= capped;
    all.push_back(next);
  };
  add(3, 1);
  add(1.0 / 3, 1);
  if (std::any_of(prices.capped.begin(), prices.capped.end(),
                  [](double price) { return price > 0; })) {
    add(1, 3);
    add(1, 1.0 / 3);
    add(1, 0);
  }
  add(0, 0);
  if (model.criteria == 2) {
    const double m = static_cast<double>(model.toll_factor[1]);
    const double factor = prices.cost[0] + prices.cost[1] * m;
    for (const double second : {0.0, 1.0}) {
      const double scale = (second > 0 ? m : 1) / factor;
      Direction next = prices;
      next.cost = {1 - second, second, 0};
      next.memory *= scale;
      for (double& price : next.capped) price *= scale;
      all.push_back(next);
    }
  }
  return all;
}

}  // namespace

LabelCuts::LabelCuts(const CappedStage& stage, const Target& target, const Direction& prices,
                     Work& work)
    : stage_(stage), target_(target), work_(work) {
  for (const Direction& direction : directions_around(prices, stage.model())) {
    add_cost_cut(direction);
  }
  add_resource_cut({.memory = 1}, static_cast<double>(stage.room()));
  for (std::size_t j = 0; j < kCappedTimes; ++j) {
    if (!stage.model().capped[j]) continue;
    Direction time;
    time.capped[j] = 1;
    add_resource_cut(time, static_cast<double>(target.caps[j]));
  }
  for (std::size_t run = 0; run < stage.interval().runs.size(); ++run) {
    items_.push_back(ranked_items(run));
  }
}

void LabelCuts::add_cost_cut(const Direction& direction) {
  ++work_.statistics.shortest_paths;
  Cut cut{.completion = stage_.complete(direction), .toll_factor = stage_.toll_factor(direction)};
  double spent = direction.memory * static_cast<double>(stage_.room());
  for (std::size_t j = 0; j < kCappedTimes; ++j) {
    if (!stage_.model().capped[j]) continue;
    spent += direction.capped[j] * static_cast<double>(target_.caps[j]);
  }
  const double offset = direction.cost[0] * static_cast<double>(target_.offset[0]) +
                        direction.cost[1] * static_cast<double>(target_.offset[1]);
  const double limit = static_cast<double>(target_.limit);
  cut.constant = offset - spent;
  if (!std::isinf(cut.completion.least) && target_.limit != kUnlimited) {
    // A weight that counts is below limit + spent, so that is the magnitude of what was added.
    cut.threshold = limit - 1 + rounding_guard(2 * stage_.length(), limit + 2 * spent + offset);
  }
  cuts_.push_back(std::move(cut));
}

void LabelCuts::add_resource_cut(const Direction& direction, double available) {
  ++work_.statistics.shortest_paths;
  cuts_.push_back({.completion = stage_.complete(direction),
                   .threshold = available + rounding_guard(2 * stage_.length(), available)});
}

RankedItems LabelCuts::ranked_items(std::size_t run) const {
  const TypeItems& type = stage_.items_of_run(run);
  RankedItems ranked;
  std::vector<std::pair<double, int>> of_layout;
  for (std::size_t layout = 0; layout < stage_.layouts(); ++layout) {
    ranked.begin.push_back(ranked.index.size());
    of_layout.clear();
    for (int index = type.begin[layout]; index < type.begin[layout + 1]; ++index) {
      const Item& item = type.items[static_cast<std::size_t>(index)];
      if (item.transient > stage_.cap()) continue;
      of_layout.push_back({weight_of(item, cuts_.front().completion.direction), index});
    }
    std::sort(of_layout.begin(), of_layout.end());
    for (const auto& [weight, index] : of_layout) ranked.index.push_back(index);
  }
  ranked.begin.push_back(ranked.index.size());
  for (const int index : ranked.index) {
    for (const Cut& cut : cuts_) {
      ranked.weights.push_back(
          weight_of(type.items[static_cast<std::size_t>(index)], cut.completion.direction));
    }
  }
  return ranked;
}

std::vector<double> LabelCuts::needs(std::size_t layer) const {
  const RankedItems& ranked = items_[stage_.run_of(layer)];
  std::vector<double> needs = ranked.weights;
  for (std::size_t layout = 0; layout < stage_.layouts(); ++layout) {
    for (std::size_t rank = ranked.begin[layout]; rank < ranked.begin[layout + 1]; ++rank) {
      for (std::size_t cut = 0; cut < cuts_.size(); ++cut) {
        needs[rank * cuts_.size() + cut] += cuts_[cut].completion.rest(layer, layout);
      }
    }
  }
  return needs;
}

}  // namespace galvatron::search
