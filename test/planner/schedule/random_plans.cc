#include "test/planner/schedule/random_plans.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "planner/plan/structure.h"
#include "test/planner/plan/tiny_plans.h"

namespace galvatron {
namespace {

template <typename T>
T pick(std::mt19937& random, const std::vector<T>& values) {
  return values[std::uniform_int_distribution<std::size_t>(0, values.size() - 1)(random)];
}

bool flip(std::mt19937& random) { return pick<int>(random, {0, 1}) == 1; }

// Of two heads, 16 words, width 8 and MLP width 32, a tensor degree must divide two.
Strategy random_strategy(std::mt19937& random, int devices) {
  Strategy strategy{.tensor = devices % 2 == 0 ? pick<int>(random, {1, 2}) : 1};
  strategy.data = devices / strategy.tensor;
  if (strategy.tensor > 1) strategy.sequence_parallel = flip(random);
  if (strategy.tensor > 1 && strategy.data > 1 && flip(random)) strategy.order = Order::data_inner;
  if (strategy.data > 1) strategy.zero = static_cast<Zero>(pick<int>(random, {0, 1, 2, 3}));
  strategy.recompute = static_cast<Recompute>(pick<int>(random, {0, 1, 2}));
  return strategy;
}

std::vector<StageRange> random_stages(std::mt19937& random, int layers, int stages) {
  std::vector<int> cuts(static_cast<std::size_t>(layers) - 1);
  std::iota(cuts.begin(), cuts.end(), 1);
  std::shuffle(cuts.begin(), cuts.end(), random);
  cuts.resize(static_cast<std::size_t>(stages) - 1);
  cuts.push_back(layers);
  std::sort(cuts.begin(), cuts.end());
  std::vector<StageRange> ranges;
  int first = 0;
  for (const int cut : cuts) {
    ranges.push_back({.first_layer = first, .last_layer = cut - 1});
    first = cut;
  }
  return ranges;
}

}  // namespace

Plan random_plan(std::mt19937& random) {
  const int layers = pick<int>(random, {4, 5, 6, 7});
  const int stages = pick<int>(random, {1, 2, 3, 4});
  const int devices = pick<int>(random, {1, 2, 3, 4, 6, 8});
  Plan plan{.model = tiny_gpt2(layers - 2),
            .devices = stages * devices,
            .micro_batches = pick<std::int64_t>(random, {1, 2, 3, 5}),
            .schedule = flip(random) ? Schedule::gpipe : Schedule::one_f_one_b,
            .stages = random_stages(random, layers, stages)};
  std::get<Gpt2Config>(plan.model.config).tied_embeddings = flip(random);
  plan.job.global_batch = plan.micro_batches * devices * pick<int>(random, {1, 2});
  if (flip(random)) plan.job.clip_grad_norm = 1.0;
  for (int layer = 0; layer < layers; ++layer) {
    plan.strategies.push_back(random_strategy(random, devices));
  }
  // Both uses of the table agree in all but what concerns activations.
  Strategy& last = plan.strategies.back();
  const auto [sequence_parallel, recompute] = std::pair(last.sequence_parallel, last.recompute);
  last = plan.strategies.front();
  last.sequence_parallel = sequence_parallel && last.tensor > 1;
  last.recompute = recompute;
  plan.inputs = tiny_inputs(plan.devices);
  return plan;
}

}  // namespace galvatron
