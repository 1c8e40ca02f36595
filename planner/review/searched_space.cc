#include "planner/review/searched_space.h"

#include <algorithm>
#include <utility>

namespace galvatron {
namespace {

using search::Option;
using search::Time;

template <typename Cost>
Time least_of(const search::LayerType& type, Cost cost) {
  Time least = search::kUnlimited;
  for (const Option& option : type.options) least = std::min(least, cost(option));
  return least;
}

}  // namespace

SearchedSpace::SearchedSpace(const Plan& plan, std::vector<std::int64_t> global_batches)
    : plan_(plan),
      global_batches_(std::move(global_batches)),
      graph_(build_layer_graph(plan.model)),
      space_(read_space(plan.inputs->search.only, plan.inputs->runtime).space),
      prices_({.graph = graph_,
               .space = space_,
               .hardware = plan.inputs->hardware,
               .runtime = plan.inputs->runtime,
               .profile = plan.inputs->profile,
               .job = plan.job}) {}

PricingInputs SearchedSpace::inputs_of(std::int64_t global_batch) {
  return {prices_, *plan_.inputs, global_batch};
}

std::vector<SearchedPair> SearchedSpace::pairs() {
  std::vector<SearchedPair> pairs;
  for (const std::int64_t global_batch : global_batches_) {
    for (const PipelineChoice& choice : pipeline_choices(inputs_of(global_batch))) {
      pairs.push_back({global_batch, choice});
    }
  }
  return pairs;
}

std::optional<Instance> SearchedSpace::list(const SearchedPair& pair) {
  return price_list(inputs_of(pair.global_batch), pair.choice);
}

std::vector<Instance> SearchedSpace::problems(const SearchedPair& pair, const Instance& list) {
  return problems_of(list, inputs_of(pair.global_batch));
}

Time memory_free_bound(const search::Problem& problem) {
  const auto stages = static_cast<Time>(problem.stages.size());
  const Time m = problem.micro_batches;
  Time alone = 0, times = 0, optimizers = 0, largest = 0;
  for (const int number : problem.layers) {
    const search::LayerType& type = problem.types[static_cast<std::size_t>(number)];
    alone += least_of(type, [&](const Option& o) { return m * o.time + o.sync + o.optimizer; });
    const Time time = least_of(type, [](const Option& o) { return o.time; });
    times += time;
    largest = std::max(largest, time);
    optimizers += least_of(type, [](const Option& o) { return o.optimizer; });
  }
  if (stages == 1) return alone + problem.constant_time;
  return times + (m - 1) * std::max(times / stages, largest) + optimizers / stages +
         problem.constant_time;
}

}  // namespace galvatron
