#include "planner/search/knapsack_bound.h"

#include <algorithm>

#include "planner/search/capped_stage.h"
#include "planner/search/dual_bound.h"

namespace galvatron::search {
namespace {

struct Corner {
  double memory;
  double cost;
};

// Corners of the lower left hull of (memory, cost), memory rising, cost falling.
std::vector<Corner> hull_of(const std::vector<Item>& items) {
  std::vector<Corner> points, hull;
  for (const Item& item : items) {
    points.push_back({static_cast<double>(item.memory), static_cast<double>(item.cost[0])});
  }
  std::sort(points.begin(), points.end(), [](const Corner& one, const Corner& other) {
    return one.memory != other.memory ? one.memory < other.memory : one.cost < other.cost;
  });
  for (const Corner& point : points) {
    if (!hull.empty() && point.cost >= hull.back().cost) continue;
    while (hull.size() >= 2) {
      const Corner& last = hull.back();
      const Corner& before = hull[hull.size() - 2];
      if ((last.cost - before.cost) * (point.memory - last.memory) <
          (point.cost - last.cost) * (last.memory - before.memory)) {
        break;
      }
      hull.pop_back();
    }
    hull.push_back(point);
  }
  return hull;
}

}  // namespace

KnapsackBound::KnapsackBound(const StageModel& model) : model_(&model), prices_{0} {
  for (const TypeItems& type : model.types) {
    const std::vector<Corner> hull = hull_of(type.items);
    for (std::size_t i = 1; i < hull.size(); ++i) {
      const double gained = hull[i - 1].cost - hull[i].cost;
      prices_.push_back(gained / (hull[i].memory - hull[i - 1].memory));
    }
  }
  for (std::size_t index = 0; index < model.types.size(); ++index) {
    const LayerType& source = model.problem->types[index];
    Type type{.weight = std::vector<double>(prices_.size(), kForbidden),
              .least_memory = kUnlimited,
              .least_transient = kUnlimited,
              .least_enter = kUnlimited,
              .least_leave = kUnlimited};
    for (const Item& item : model.types[index].items) {
      const int layout = source.options[static_cast<std::size_t>(item.option)].layout;
      type.least_memory = std::min(type.least_memory, item.memory);
      type.least_transient = std::min(type.least_transient, item.transient);
      type.least_enter = std::min(type.least_enter, enter_toll(source, layout).time);
      type.least_leave = std::min(type.least_leave, leave_toll(source, layout).time);
      for (std::size_t k = 0; k < prices_.size(); ++k) {
        type.weight[k] =
            std::min(type.weight[k], static_cast<double>(item.cost[0]) +
                                         prices_[k] * static_cast<double>(item.memory));
      }
    }
    types_.push_back(std::move(type));
  }
}

Time KnapsackBound::lower(const Interval& interval) const {
  double memory = 0, transient = 0;
  for (const Run& run : interval.runs) {
    const Type& type = types_[static_cast<std::size_t>(run.type)];
    if (type.least_memory == kUnlimited) return kUnlimited;
    memory += static_cast<double>(run.count) * static_cast<double>(type.least_memory);
    transient = std::max(transient, static_cast<double>(type.least_transient));
  }
  const double room = static_cast<double>(room_of(*model_, interval)) - transient;
  if (memory - rounding_guard(2, memory) > room) return kUnlimited;
  const Type& first = types_[static_cast<std::size_t>(interval.runs.front().type)];
  const Type& last = types_[static_cast<std::size_t>(interval.runs.back().type)];
  double best = 0;
  for (std::size_t k = 0; k < prices_.size(); ++k) {
    double weight = 0;
    for (const Run& run : interval.runs) {
      weight +=
          static_cast<double>(run.count) * types_[static_cast<std::size_t>(run.type)].weight[k];
    }
    const double spent = prices_[k] * room;
    best = std::max(best, weight - spent - rounding_guard(interval.runs.size(), weight + spent));
  }
  return round_bound(best + static_cast<double>(first.least_enter + last.least_leave),
                     rounding_guard(2, best));
}

}  // namespace galvatron::search
