#include "planner/search/published_problem.h"

#include "cost_models/published_stages.h"
#include "cost_models/published_time.h"
#include "planner/search/picoseconds.h"

namespace galvatron {
namespace {

std::vector<Strategy> allowed_strategies(const PublishedPricing& pricing) {
  const PublishedSetting& setting = pricing.setting;
  if (!allows<std::int64_t>(pricing.space.pipeline, setting.pipeline)) return {};
  std::vector<Strategy> allowed;
  for (const Strategy& strategy : published_strategies(kPublishedDevices / setting.pipeline)) {
    if (setting.global_batch % strategy.data != 0) continue;
    if (allows_strategy(pricing.space, strategy)) allowed.push_back(strategy);
  }
  return allowed;
}

search::LayerType layer_type(const PublishedLayer& layer, const std::vector<Strategy>& strategies,
                             const PublishedSetting& setting) {
  search::LayerType type;
  for (std::size_t index = 0; index < strategies.size(); ++index) {
    const Strategy& strategy = strategies[index];
    type.options.push_back(
        {.layout = static_cast<int>(index),
         .time = picoseconds(published_layer_time(layer, strategy, setting)),
         .states = total(published_layer_memory(layer, strategy, setting)).value});
  }
  return type;
}

search::SwitchTable tolls(const std::vector<Strategy>& strategies,
                          const PublishedSetting& setting) {
  search::SwitchTable table;
  for (const Strategy& from : strategies) {
    for (const Strategy& to : strategies) {
      table.tolls.push_back({.time = picoseconds(published_transition_time(from, to, setting))});
    }
  }
  return table;
}

std::vector<search::StageShape> stage_shapes(const PublishedPricing& pricing) {
  const search::Size other = total(published_other_memory(pricing.setting)).value;
  const bool everywhere = pricing.other == OtherMemory::on_every_stage;
  std::vector<search::StageShape> shapes(static_cast<std::size_t>(pricing.setting.pipeline),
                                         {.fixed_bytes = everywhere ? other : 0});
  shapes.front().fixed_bytes = other;
  return shapes;
}

}  // namespace

bool allows_strategy(const SearchSpace& space, const Strategy& strategy) {
  return allows<std::int64_t>(space.tensor, strategy.tensor) &&
         allows<std::int64_t>(space.data, strategy.data) &&
         (!splits_both(strategy) || allows(space.order, strategy.order)) &&
         (strategy.data == 1 || allows(space.zero, strategy.zero));
}

std::optional<PublishedProblem> published_problem(const PublishedPricing& pricing) {
  const PublishedSetting& setting = pricing.setting;
  PublishedProblem made{.strategies = allowed_strategies(pricing), .problem = {}};
  if (made.strategies.empty()) return std::nullopt;
  search::Problem& problem = made.problem;
  problem.layouts = static_cast<int>(made.strategies.size());
  for (const PublishedLayer& layer : setting.model.layers) {
    problem.types.push_back(layer_type(layer, made.strategies, setting));
  }
  problem.layers = published_layer_types(setting.model);
  problem.switches = {tolls(made.strategies, setting)};
  problem.stages = stage_shapes(pricing);
  problem.memory_budget = pricing.memory_budget.value;
  return made;
}

search::Problem stage_problem(const search::Problem& whole, const PublishedStageRange& range) {
  search::Problem problem = whole;
  problem.layers.assign(whole.layers.begin() + range.begin, whole.layers.begin() + range.end);
  problem.stages = {whole.stages[static_cast<std::size_t>(range.stage)]};
  return problem;
}

}  // namespace galvatron
