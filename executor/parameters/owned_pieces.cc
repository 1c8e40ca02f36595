#include "executor/parameters/owned_pieces.h"

#include <algorithm>

#include "executor/parameters/unit_layout.h"
#include "planner/plan/placement.h"

namespace galvatron {
namespace {

ElementRange overlap(const ElementRange& a, const ElementRange& b) {
  const std::int64_t begin = std::max(a.begin, b.begin);
  return {begin, std::max(begin, std::min(a.end, b.end))};
}

ElementRange moved(const ElementRange& range, std::int64_t by) {
  return {range.begin + by, range.end + by};
}

// True where an earlier layer of the model uses the same table.
bool seen_before(const LayerGraph& graph, const ParameterUnit& unit, int layer) {
  if (unit.tied_table.empty()) return false;
  const std::vector<TiedTable> tables = tied_tables(graph);
  const auto table = std::find_if(tables.begin(), tables.end(), [&](const TiedTable& candidate) {
    return candidate.name == unit.tied_table;
  });
  return table != tables.end() && table->layers.front() != layer;
}

void append_pieces(const Layer& layer, const UnitLayout& layout, OwnedPiece piece,
                   std::vector<OwnedPiece>& pieces) {
  for (const ParameterPlace& place : layout.places) {
    const ElementRange here = overlap(place.elements, layout.shard);
    const bool copied = place.slice.dimension < 0 && place.slice.index > 0;
    if (copied || element_count(here) == 0) continue;
    const Parameter& parameter = layer.parameters[static_cast<std::size_t>(place.parameter)];
    piece.parameter = place.parameter;
    piece.shard = moved(here, -layout.shard.begin);
    piece.elements =
        part_of(slice_ranges(parameter.shape, place.slice), moved(here, -place.elements.begin));
    pieces.push_back(piece);
  }
}

}  // namespace

std::vector<OwnedPiece> owned_pieces(const Plan& plan, const LayerGraph& graph, int rank) {
  std::vector<OwnedPiece> pieces;
  const int local = local_rank(plan, rank);
  const StageRange range = plan.stages[static_cast<std::size_t>(stage_of_rank(plan, rank))];
  for (int index = range.first_layer; index <= range.last_layer; ++index) {
    const Layer& layer = layer_at(graph, index);
    const Strategy& strategy = strategy_of(plan, index);
    const ShardIndex shard{.tensor = tensor_index(layout_of(strategy), local),
                           .data = data_index(layout_of(strategy), local)};
    OwnedPiece piece;
    piece.layer = index;
    for (const ParameterUnit& unit : parameter_units(layer, strategy.tensor)) {
      const bool copies = sharding(unit, strategy) == Zero::none && shard.data > 0;
      if (!copies && !seen_before(graph, unit, index)) {
        append_pieces(layer, unit_layout(layer, unit, strategy, shard), piece, pieces);
      }
      ++piece.unit;
    }
  }
  return pieces;
}

}  // namespace galvatron
