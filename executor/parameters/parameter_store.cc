#include "executor/parameters/parameter_store.h"

#include <fmt/format.h>

#include <string>

#include "executor/launch/exit_code.h"
#include "planner/plan/placement.h"

namespace galvatron {

at::ScalarType compute_type(Precision precision) {
  switch (precision) {
    case Precision::fp32:
      return at::kFloat;
    case Precision::bf16:
      return at::kBFloat16;
    case Precision::tf32:
    case Precision::fp16:
    case Precision::fp8:
      break;
  }
  throw ExecutorError(ExitCode::bad_input,
                      fmt::format("precision must be fp32 or bf16 to be trained, got {}: it can "
                                  "only be estimated",
                                  name_of(kPrecisionNames, precision)));
}

ParameterStore::ParameterStore(const Plan& plan, const LayerGraph& graph, int rank,
                               at::Device device, LiveBytes& live_bytes) {
  const auto compute = at::TensorOptions(device).dtype(compute_type(plan.job.precision));
  const int local = local_rank(plan, rank);
  const StageRange range = plan.stages[static_cast<std::size_t>(stage_of_rank(plan, rank))];
  std::map<std::string, std::shared_ptr<UnitBuffers>> tables;
  for (int index = range.first_layer; index <= range.last_layer; ++index) {
    const Layer& layer = layer_at(graph, index);
    const Strategy& strategy = strategy_of(plan, index);
    const ShardIndex shard{.tensor = tensor_index(layout_of(strategy), local),
                           .data = data_index(layout_of(strategy), local)};
    Place place{.layer = index};
    for (const ParameterUnit& unit : parameter_units(layer, strategy.tensor)) {
      std::shared_ptr<UnitBuffers>& buffers = units_[place];
      if (!unit.tied_table.empty()) buffers = tables[unit.tied_table];
      if (!buffers) {
        buffers = std::make_shared<UnitBuffers>(
            make_unit_buffers(unit_layout(layer, unit, strategy, shard), compute, live_bytes));
        stored_.push_back(place);
        if (!unit.tied_table.empty()) tables[unit.tied_table] = buffers;
      }
      ++place.unit;
    }
    collect_leaves(layer, parameter_units(layer, strategy.tensor), index);
  }
}

// A tied table may have another number among this layer's parameters than where it is stored.
void ParameterStore::collect_leaves(const Layer& layer, const std::vector<ParameterUnit>& units,
                                    int index) {
  std::vector<at::Tensor>& leaves = leaves_[index];
  leaves.resize(layer.parameters.size());
  for (int unit = 0; unit < static_cast<int>(units.size()); ++unit) {
    const std::vector<at::Tensor>& stored = this->unit({index, unit}).weights.leaves();
    const std::vector<int>& numbers = units[static_cast<std::size_t>(unit)].parameters;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      leaves[static_cast<std::size_t>(numbers[i])] = stored[i];
    }
  }
}

std::vector<ParameterStore::Place> ParameterStore::units_of(int layer) const {
  std::vector<Place> places;
  for (auto entry = units_.lower_bound({layer, 0});
       entry != units_.end() && entry->first.layer == layer; ++entry) {
    places.push_back(entry->first);
  }
  return places;
}

}  // namespace galvatron
