#include "cost_models/published_stages.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "cost_models/published_time.h"

namespace galvatron {
namespace {

double least_mib(const PublishedLayer& layer, const std::vector<Strategy>& strategies,
                 const PublishedSetting& setting) {
  double least = std::numeric_limits<double>::infinity();
  for (const Strategy& strategy : strategies) {
    least = std::min(least, published_layer_mib(layer, strategy, setting));
  }
  return least;
}

// How many layers of these sizes each stage holds.
std::vector<int> balanced_counts(const std::vector<double>& layers, double other, int stages) {
  const double share = (std::accumulate(layers.begin(), layers.end(), 0.0) + other) / stages;
  std::vector<int> counts(static_cast<std::size_t>(stages));
  auto next = layers.rbegin();
  for (std::size_t stage = counts.size() - 1; stage > 0; --stage) {
    double memory = 0;
    while (next != layers.rend() && share - memory >= 0.5 * *next) {
      memory += *next++;
      ++counts[stage];
    }
  }
  counts[0] = static_cast<int>(layers.rend() - next);
  if (counts[0] == 0) {
    ++counts[0];
    --counts[1];
  }
  return counts;
}

void add(MemoryParts& sum, const MemoryParts& more) {
  sum.parameters += more.parameters;
  sum.gradients += more.gradients;
  sum.optimizer += more.optimizer;
  sum.activations += more.activations;
  sum.context += more.context;
}

}  // namespace

std::vector<int> published_layer_types(const PublishedModel& model) {
  std::vector<int> types;
  for (std::size_t type = 0; type < model.layers.size(); ++type) {
    types.insert(types.end(), static_cast<std::size_t>(model.layers[type].count),
                 static_cast<int>(type));
  }
  return types;
}

std::vector<int> published_stage_begins(const std::vector<Strategy>& strategies,
                                        const PublishedSetting& setting) {
  std::vector<double> layers;
  for (const PublishedLayer& layer : setting.model.layers) {
    layers.insert(layers.end(), static_cast<std::size_t>(layer.count),
                  least_mib(layer, strategies, setting));
  }
  const int stages = setting.pipeline;
  const int even = static_cast<int>(layers.size()) / stages;
  std::vector<int> counts(static_cast<std::size_t>(stages), even);
  if (setting.model.layers.size() == 1) {
    if (static_cast<int>(layers.size()) != even * stages) return {};
  } else {
    counts = balanced_counts(layers, published_other_mib(kPublishedDevices, setting), stages);
  }
  if (*std::min_element(counts.begin(), counts.end()) < 1) return {};
  std::vector<int> begins(counts.size());
  std::exclusive_scan(counts.begin(), counts.end(), begins.begin(), 0);
  return begins;
}

std::vector<PublishedStage> published_stages(const PublishedAssignment& assignment,
                                             const PublishedSetting& setting, OtherMemory other) {
  const std::vector<int> types = published_layer_types(setting.model);
  std::vector<PublishedStage> stages;
  for (std::size_t layer = 0; layer < types.size(); ++layer) {
    const Strategy& strategy = assignment.strategies[layer];
    const PublishedLayer& type = setting.model.layers[static_cast<std::size_t>(types[layer])];
    const auto begins =
        assignment.stage_begins.begin() + static_cast<std::ptrdiff_t>(stages.size());
    const bool begins_stage =
        begins != assignment.stage_begins.end() && *begins == static_cast<int>(layer);
    if (begins_stage) {
      stages.push_back({});
      const bool has_other = stages.size() == 1 || other == OtherMemory::on_every_stage;
      if (has_other) add(stages.back().memory, published_other_memory(setting));
    } else {
      stages.back().time +=
          published_transition_time(assignment.strategies[layer - 1], strategy, setting);
    }
    stages.back().time += published_layer_time(type, strategy, setting);
    add(stages.back().memory, published_layer_memory(type, strategy, setting));
  }
  return stages;
}

}  // namespace galvatron
