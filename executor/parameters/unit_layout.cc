#include "executor/parameters/unit_layout.h"

namespace galvatron {
namespace {

Slice slice_of(const Parameter& parameter, int tensor_degree, int tensor_index) {
  return {.dimension = tensor_degree == 1 ? -1 : parameter.split_dimension,
          .parts = parameter.parts,
          .index = tensor_index,
          .degree = tensor_degree};
}

}  // namespace

UnitLayout unit_layout(const Layer& layer, const ParameterUnit& unit, const Strategy& strategy,
                       ShardIndex index) {
  UnitLayout layout;
  layout.zero = sharding(unit, strategy);
  layout.elements = unit_elements(unit, strategy);
  std::int64_t offset = 0;
  for (const int number : unit.parameters) {
    const Parameter& parameter = layer.parameters[static_cast<std::size_t>(number)];
    const Slice slice = slice_of(parameter, strategy.tensor, index.tensor);
    std::vector<std::int64_t> shape = slice_shape(parameter.shape, slice);
    const std::int64_t end = offset + element_count(shape);
    layout.places.push_back({.parameter = number,
                             .elements = {offset, end},
                             .shape = std::move(shape),
                             .slice = slice});
    offset = end;
  }
  layout.token_local = {offset - unit.token_local_elements, offset};
  const std::int64_t shard = shard_elements(unit, strategy);
  layout.shard = layout.zero == Zero::none
                     ? ElementRange{0, layout.elements}
                     : ElementRange{index.data * shard, (index.data + 1) * shard};
  return layout;
}

}  // namespace galvatron
