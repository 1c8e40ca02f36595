#include "planner/search/least_time.h"

#include <algorithm>

namespace galvatron::search {
namespace {

template <typename Value>
Time least_of(const LayerType& type, Value value) {
  Time least = kUnlimited;
  for (const Option& option : type.options) least = std::min(least, value(option));
  return least;
}

Time one_stage(const Problem& problem) {
  const std::int64_t micro_batches = problem.micro_batches;
  Time sum = problem.constant_time;
  for (const int type : problem.layers) {
    sum += least_of(problem.types[static_cast<std::size_t>(type)], [&](const Option& option) {
      return micro_batches * option.time + option.sync + option.optimizer;
    });
  }
  return sum;
}

}  // namespace

Time least_time(const Problem& problem) {
  const auto stages = static_cast<std::int64_t>(problem.stages.size());
  if (stages == 1) return one_stage(problem);
  Time times = 0;
  Time optimizers = 0;
  Time largest = 0;
  for (const int type : problem.layers) {
    const LayerType& layer = problem.types[static_cast<std::size_t>(type)];
    const Time time = least_of(layer, [](const Option& option) { return option.time; });
    times += time;
    largest = std::max(largest, time);
    optimizers += least_of(layer, [](const Option& option) { return option.optimizer; });
  }
  return times + (problem.micro_batches - 1) * std::max(times / stages, largest) +
         optimizers / stages + problem.constant_time;
}

}  // namespace galvatron::search
