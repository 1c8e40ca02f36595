// One rank's part of a plan, looked up once: its stage, the flat units it stores, who stores which
// tied table. The operations of its program are written from this.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "cost_models/parameter_units.h"
#include "planner/plan/placement.h"
#include "planner/schedule/program.h"

namespace galvatron {

// What a change of layout does on this rank; layer and micro-batch are filled in when it is used.
struct RedistributionOps {
  Op forward;
  Op backward;
};

// Plan and graph must outlive the view.
struct RankView {
  const Plan& plan;
  const LayerGraph& graph;
  int rank = 0;
  int stage = 0;
  StageRange range;
  std::vector<std::vector<ParameterUnit>> units;  // per layer of the stage
  std::vector<TiedTable> tables;
  std::vector<std::optional<RedistributionOps>>
      redistributions;                              // by boundary, as stage_transitions
  std::vector<std::array<bool, 2>> gathered_ahead;  // per layer of the stage, by direction
};

struct UnitPlace {
  int layer = 0;
  int unit = 0;  // index into the layer's units

  bool operator==(const UnitPlace&) const = default;
};

RankView view_of(const Plan& plan, const LayerGraph& graph, int rank);

bool is_first(const RankView& view);
bool is_last(const RankView& view);

// The units of one layer of the stage.
std::vector<UnitPlace> units_of(const RankView& view, int layer);
// Those of them whose parameters ZeRO shards: gathered before each pass.
std::vector<UnitPlace> gathered_units(const RankView& view, int layer);
// Whether they are gathered while the layer computes that comes before it in a pass.
bool is_gathered_ahead(const RankView& view, int layer, Direction direction);
const ParameterUnit& unit_at(const RankView& view, const UnitPlace& place);

// False for a tied table that an earlier layer of the same stage stores.
bool stores(const RankView& view, const UnitPlace& place);

// The unit that holds the stage's copy of the table.
std::vector<UnitPlace> stored_units(const RankView& view);

// Those of them that are tied tables, in the order in which the model first uses these: the same on
// every rank, so that no two of their sums wait for each other.
std::vector<UnitPlace> tied_units(const RankView& view);

// What a pass over the pipeline boundary moves: the rank's piece of the canonical layout.
// Requires a neighbour on that side.
Op transfer(const RankView& view, OpKind kind, const Pass& pass);

// Between layers `into` - 1 and `into`, either of which may lie on a neighbouring stage: then the
// canonical layout stands for its own. None where nothing changes.
std::optional<Op> redistribute_op(const RankView& view, int into, const Pass& pass);

Op gather_op(const RankView& view, const UnitPlace& place, const Pass& pass);

// The sum of token-local gradients over the tensor group; none where there is nothing to sum.
std::optional<Op> token_local_op(const RankView& view, const UnitPlace& place, const Pass& pass);

// The sum over the data group, in one piece; none where the group is one rank and for what lies
// everywhere.
std::optional<Op> reduce_op(const RankView& view, const UnitPlace& place, const Pass& pass);

// The sum over the ranks that hold a copy of a tied table's part; none for what one rank holds
// alone.
std::optional<Op> tied_op(const RankView& view, const UnitPlace& place);

Op norm_op(const RankView& view);

// None where ZeRO keeps no whole parameters beside sharded optimizer states.
std::optional<Op> gather_updated_op(const RankView& view, const UnitPlace& place);

}  // namespace galvatron
