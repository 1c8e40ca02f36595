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

// `count` layers of each type.
Time one_stage(const Problem& problem, const std::vector<std::int64_t>& count,
               std::int64_t micro_batches) {
  Time sum = problem.constant_time;
  for (std::size_t type = 0; type < count.size(); ++type) {
    if (count[type] == 0) continue;
    sum += count[type] * least_of(problem.types[type], [&](const Option& option) {
             return micro_batches * option.time + option.sync + option.optimizer;
           });
  }
  return sum;
}

}  // namespace

Time least_time(const Problem& problem) {
  return least_time(problem, {.pipeline = static_cast<int>(problem.stages.size()),
                              .micro_batches = problem.micro_batches});
}

Time least_time(const Problem& problem, const StepShape& shape) {
  std::vector<std::int64_t> count(problem.types.size());
  for (const int type : problem.layers) ++count[static_cast<std::size_t>(type)];
  const std::int64_t stages = shape.pipeline;
  if (stages == 1) return one_stage(problem, count, shape.micro_batches);
  Time times = 0;
  Time optimizers = 0;
  Time largest = 0;
  for (std::size_t type = 0; type < count.size(); ++type) {
    if (count[type] == 0) continue;
    const LayerType& layer = problem.types[type];
    const Time time = least_of(layer, [](const Option& option) { return option.time; });
    times += count[type] * time;
    largest = std::max(largest, time);
    optimizers +=
        count[type] * least_of(layer, [](const Option& option) { return option.optimizer; });
  }
  return times + (shape.micro_batches - 1) * std::max(times / stages, largest) +
         optimizers / stages + problem.constant_time;
}

}  // namespace galvatron::search
