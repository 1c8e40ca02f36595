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
  const Time backward = most_backward(type);
  for (const Option& option : type.options) {
    const CappedTimes times = capped_times(option, backward);
    for (std::size_t j = 0; j < kCappedTimes; ++j) most[j] = std::max(most[j], times[j]);
  }
  return most;
}

}  // namespace

std::size_t label_width(int level) {
  if (level <= kPricesLevel) return 0;
  if (level >= kExactLevel) return kAnyWidth;
  constexpr std::size_t kNarrowest = 32;
  return kNarrowest << (3 * (level - kPricesLevel - 1));
}

StageCatalog::StageCatalog(const Problem& problem)
    : problem_(&problem),
      tolls_(make_tolls(problem)),
      keys_(problem.layers),
      backward_(problem, keys_) {
  for (const StageShape& shape : problem.stages) {
    const auto known = std::find(shapes_.begin(), shapes_.end(), shape);
    class_of_.push_back(static_cast<int>(known - shapes_.begin()));
    if (known == shapes_.end()) shapes_.push_back(shape);
  }
  std::vector<CappedTimes> most_of_type;
  std::vector<Time> backward_of_type;
  for (const LayerType& type : problem.types) {
    most_of_type.push_back(most_capped_times(type));
    backward_of_type.push_back(most_backward(type));
  }
  for (int key = 0; key < keys_.count(); ++key) {
    CappedTimes most{};
    Time backward = 0;
    for (const Run& run : keys_.interval(key).runs) {
      backward += run.count * backward_of_type[static_cast<std::size_t>(run.type)];
      const CappedTimes& of_type = most_of_type[static_cast<std::size_t>(run.type)];
      for (std::size_t j = 0; j < kCappedTimes; ++j) most[j] += run.count * of_type[j];
    }
    most_of_key_.push_back(most);
    most_backward_.push_back(backward);
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
  return models_.emplace(name, make_stage_model(*problem_, question, tolls_)).first->second;
}

}  // namespace galvatron::search
