#include "planner/search/stage_catalog.h"

#include <algorithm>

#include "planner/search/wide.h"

namespace galvatron::search {
namespace {

Time least_optimizer_of(const LayerType& type) {
  Time least = type.options.empty() ? 0 : kUnlimited;
  for (const Option& option : type.options) least = std::min(least, option.optimizer);
  return least;
}

CappedTimes most_capped_times(const LayerType& type) {
  CappedTimes most{};
  for (const Option& option : type.options) {
    const CappedTimes times = capped_times(option);
    for (std::size_t j = 0; j < kCappedTimes; ++j) most[j] = std::max(most[j], times[j]);
  }
  return most;
}

Time least_forward(const LayerType& type) {
  Time least = type.options.empty() ? 0 : kUnlimited;
  for (const Option& option : type.options) least = std::min(least, option.time - option.backward);
  return least;
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
  std::vector<CappedTimes> most_of_type;
  for (const LayerType& type : problem.types) most_of_type.push_back(most_capped_times(type));
  bound_backward();
  bound_forward();
  for (int key = 0; key < keys_.count(); ++key) {
    CappedTimes most{};
    for (const Run& run : keys_.interval(key).runs) {
      const CappedTimes& of_type = most_of_type[static_cast<std::size_t>(run.type)];
      for (std::size_t j = 0; j < kCappedTimes; ++j) most[j] += run.count * of_type[j];
    }
    most_of_key_.push_back(most);
    most_optimizer_ = std::max(most_optimizer_, most[kOptimizer]);
  }
  Time sum = 0;
  for (const int type : problem.layers) {
    const Time least = least_optimizer_of(problem.types[static_cast<std::size_t>(type)]);
    least_optimizer_ = std::max(least_optimizer_, least);
    sum += least;
  }
  least_optimizer_ = std::max(least_optimizer_, sum / static_cast<Time>(problem.stages.size()));
}

CappedTimes StageCatalog::effective(int key, const CappedTimes& caps) const {
  CappedTimes effective = caps;
  for (std::size_t j = 0; j < kCappedTimes; ++j) {
    if (caps[j] >= most_of_key_[static_cast<std::size_t>(key)][j]) effective[j] = kUnlimited;
  }
  return effective;
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

void StageCatalog::bound_forward() {
  std::vector<Time> least;
  for (const LayerType& type : problem_->types) least.push_back(least_forward(type));
  for (const int type : problem_->layers) {
    least_forward_before_.push_back(least_forward_before_.back() +
                                    least[static_cast<std::size_t>(type)]);
  }
  for (int key = 0; key < keys_.count(); ++key) {
    Time sum = 0;
    for (const Run& run : keys_.interval(key).runs) {
      sum += run.count * least[static_cast<std::size_t>(run.type)];
    }
    least_forward_of_key_.push_back(sum);
  }
}

Time StageCatalog::most_backward(Time least_forward, Time t) const {
  return std::max<Time>(0, std::min(t - least_forward, sloped(t) + excess_));
}

StageTask StageCatalog::task(StageName name, Purpose purpose, const CappedTimes& caps) {
  Capped capped{};
  for (std::size_t j = 0; j < kCappedTimes; ++j) capped[j] = caps[j] < kUnlimited;
  return {.model = &model(name.stage_class, purpose, capped),
          .interval = &keys_.interval(name.key),
          .target = {.caps = caps}};
}

const StageModel& StageCatalog::model(int stage_class, Purpose purpose, const Capped& capped) {
  const std::tuple name{stage_class, purpose, capped};
  const auto known = models_.find(name);
  if (known != models_.end()) return known->second;
  const StageQuestion question{.shape = shapes_[static_cast<std::size_t>(stage_class)],
                               .purpose = purpose,
                               .capped = capped};
  return models_.emplace(name, make_stage_model(*problem_, question, switches_)).first->second;
}

}  // namespace galvatron::search
