#include "planner/search/stage_catalog.h"

#include <algorithm>

#include "planner/search/wide.h"

namespace galvatron::search {
namespace {

struct Range {
  Time least = 0;
  Time most = 0;
};

Range optimizer_of(const LayerType& type) {
  Range range{.least = type.options.empty() ? 0 : kUnlimited};
  for (const Option& option : type.options) {
    range.least = std::min(range.least, option.optimizer);
    range.most = std::max(range.most, option.optimizer);
  }
  return range;
}

bool is_steeper(const Option& one, const Option& other) {
  return Wide{one.backward} * other.time > Wide{other.backward} * one.time;
}

}  // namespace

std::size_t label_width(int level) {
  if (level <= kPricesLevel) return 0;
  if (level >= kExactLevel) return kAnyWidth;
  constexpr std::size_t kNarrowest = 32;
  return kNarrowest << (3 * (level - kPricesLevel - 1));
}

StageCatalog::StageCatalog(const Problem& problem)
    : problem_(&problem), switches_(make_switches(problem)), keys_(problem.layers) {
  for (const StageShape& shape : problem.stages) {
    const auto known = std::find(shapes_.begin(), shapes_.end(), shape);
    class_of_.push_back(static_cast<int>(known - shapes_.begin()));
    if (known == shapes_.end()) shapes_.push_back(shape);
  }
  std::vector<Range> optimizer;
  for (const LayerType& type : problem.types) {
    optimizer.push_back(optimizer_of(type));
  }
  bound_backward();
  for (int key = 0; key < keys_.count(); ++key) {
    Time most = 0;
    for (const Run& run : keys_.interval(key).runs) {
      most += run.count * optimizer[static_cast<std::size_t>(run.type)].most;
    }
    most_optimizer_of_key_.push_back(most);
    most_optimizer_ = std::max(most_optimizer_, most);
  }
  Time sum = 0;
  for (const int type : problem.layers) {
    const Time least = optimizer[static_cast<std::size_t>(type)].least;
    least_optimizer_ = std::max(least_optimizer_, least);
    sum += least;
  }
  least_optimizer_ = std::max(least_optimizer_, sum / static_cast<Time>(problem.stages.size()));
}

Time StageCatalog::effective_cap(int key, Time cap) const {
  return cap >= most_optimizer_of_key_[static_cast<std::size_t>(key)] ? kUnlimited : cap;
}

// The slope is that of the most common type; embeddings, which have little but a backward, would
// make it one.
void StageCatalog::bound_backward() {
  std::vector<Time> count(problem_->types.size());
  for (const int type : problem_->layers) ++count[static_cast<std::size_t>(type)];
  const auto common = std::max_element(count.begin(), count.end()) - count.begin();
  for (const Option& option : problem_->types[static_cast<std::size_t>(common)].options) {
    if (option.time == 0) continue;
    if (steepest_.time == 0 || is_steeper(option, steepest_)) steepest_ = option;
  }
  for (std::size_t type = 0; type < count.size(); ++type) {
    Time most = 0;
    for (const Option& option : problem_->types[type].options) {
      most = std::max(most, option.backward - sloped(option.time));
    }
    excess_ += count[type] * most;
  }
}

// Rounded down, which makes the excess no smaller than it is, and sums of whole picoseconds no
// larger.
Time StageCatalog::sloped(Time t) const {
  if (steepest_.time == 0) return 0;
  return static_cast<Time>(Wide{t} * steepest_.backward / steepest_.time);
}

Time StageCatalog::most_backward(Time t) const { return std::min(t, sloped(t) + excess_); }

StageTask StageCatalog::task(StageName name, Purpose purpose, Time effective_cap) {
  const OptimizerCap cap =
      effective_cap == kUnlimited ? OptimizerCap::ignored : OptimizerCap::enforced;
  return {.model = &model(name.stage_class, purpose, cap),
          .interval = &keys_.interval(name.key),
          .target = {.optimizer_cap = effective_cap}};
}

const StageModel& StageCatalog::model(int stage_class, Purpose purpose, OptimizerCap cap) {
  const std::pair name{stage_class, std::pair{purpose, cap}};
  const auto known = models_.find(name);
  if (known != models_.end()) return known->second;
  const StageQuestion question{
      .shape = shapes_[static_cast<std::size_t>(stage_class)], .purpose = purpose, .cap = cap};
  return models_.emplace(name, make_stage_model(*problem_, question, switches_)).first->second;
}

}  // namespace galvatron::search
