#include "planner/plan/placement.h"

#include <algorithm>
#include <cassert>

namespace galvatron {

const Strategy& strategy_of(const Plan& plan, int layer) {
  return plan.strategies[static_cast<std::size_t>(layer)];
}

StageTokens stage_tokens(const Plan& plan, const Layer& layer) {
  return {.devices = devices_per_stage(plan),
          .tokens = samples_per_micro_batch(plan) * layer.tokens_per_sample};
}

std::int64_t group_tokens(const Plan& plan, const Layer& layer, const Strategy& strategy) {
  const int context = plan.priced_only.context;
  return samples_per_micro_batch(plan) * context / strategy.data *
         (layer.tokens_per_sample / context);
}

SampleRange samples_of(const Plan& plan, const LayerOnRank& where, std::int64_t micro_batch) {
  const Strategy& strategy = strategy_of(plan, where.layer);
  const std::int64_t samples = samples_per_micro_batch(plan) / strategy.data;
  const std::int64_t begin =
      micro_batch * samples_per_micro_batch(plan) +
      data_index(layout_of(strategy), local_rank(plan, where.rank)) * samples;
  return {.begin = begin, .end = begin + samples};
}

RankGroup global_tensor_group(const Plan& plan, const LayerOnRank& where) {
  const Layout layout = layout_of(strategy_of(plan, where.layer));
  return shifted(tensor_group(layout, local_rank(plan, where.rank)),
                 first_rank(plan, stage_of_rank(plan, where.rank)));
}

RankGroup global_data_group(const Plan& plan, const LayerOnRank& where) {
  const Layout layout = layout_of(strategy_of(plan, where.layer));
  return shifted(data_group(layout, local_rank(plan, where.rank)),
                 first_rank(plan, stage_of_rank(plan, where.rank)));
}

std::vector<TiedTable> tied_tables(const LayerGraph& graph) {
  std::vector<TiedTable> tables;
  for (int layer = 0; layer < layer_count(graph); ++layer) {
    for (const Parameter& parameter : layer_at(graph, layer).parameters) {
      if (parameter.tied_table.empty()) continue;
      auto table = std::find_if(tables.begin(), tables.end(), [&](const TiedTable& candidate) {
        return candidate.name == parameter.tied_table;
      });
      if (table == tables.end())
        table = tables.insert(
            table,
            {.name = parameter.tied_table, .layers = {}, .everywhere = parameter.everywhere});
      table->layers.push_back(layer);
    }
  }
  return tables;
}

bool shares_table(const Layer& layer) {
  return std::any_of(layer.parameters.begin(), layer.parameters.end(),
                     [](const Parameter& parameter) {
                       return !parameter.tied_table.empty() && !parameter.everywhere;
                     });
}

int storing_layer(const Plan& plan, const TiedTable& table, int stage) {
  const StageRange& range = plan.stages[static_cast<std::size_t>(stage)];
  const auto first = std::lower_bound(table.layers.begin(), table.layers.end(), range.first_layer);
  assert(first != table.layers.end() && *first <= range.last_layer);
  return *first;
}

std::vector<int> holding_stages(const Plan& plan, const TiedTable& table) {
  std::vector<int> stages;
  for (const int layer : table.layers) {
    const int stage = stage_of(plan, layer);
    if (stages.empty() || stages.back() != stage) stages.push_back(stage);
  }
  return stages;
}

RankGroup holders(const Plan& plan, const TiedTable& table, int rank) {
  std::vector<int> ranks;
  for (const int stage : holding_stages(plan, table)) {
    const int first = first_rank(plan, stage);
    if (!table.everywhere) {
      ranks.push_back(first + local_rank(plan, rank));
      continue;
    }
    for (int local = 0; local < devices_per_stage(plan); ++local) ranks.push_back(first + local);
  }
  return group_of(std::move(ranks));
}

}  // namespace galvatron
