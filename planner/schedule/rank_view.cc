#include "planner/schedule/rank_view.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "cost_models/layer_cost.h"
#include "cost_models/redistribution.h"
#include "planner/schedule/ahead.h"
#include "planner/schedule/transition.h"

namespace galvatron {
namespace {

constexpr std::int64_t kGradientBytes = 4;  // gradients are accumulated in fp32

Bytes weight_bytes(const RankView& view, std::int64_t elements) {
  return Bytes{element_bytes(view.plan.job.precision) * elements};
}

const TiedTable& table_of(const RankView& view, const ParameterUnit& unit) {
  const auto table =
      std::find_if(view.tables.begin(), view.tables.end(),
                   [&](const TiedTable& candidate) { return candidate.name == unit.tied_table; });
  assert(table != view.tables.end());
  return *table;
}

Op redistribution_op(const RankView& view, const Transition& transition, Direction direction) {
  const bool forwards = direction == Direction::forward;
  const StageTokens tokens{.devices = devices_per_stage(view.plan),
                           .tokens = transition.activation.tokens};
  const Redistribution moves = redistribution(forwards ? transition.from : transition.to,
                                              forwards ? transition.to : transition.from, tokens,
                                              local_rank(view.plan, view.rank));
  Op op{.kind = OpKind::redistribute,
        .direction = direction,
        .group = shifted(moves.group, first_rank(view.plan, view.stage))};
  switch (moves.kind) {
    case Redistribution::Kind::none:
    case Redistribution::Kind::slice:
      return op;
    case Redistribution::Kind::all_gather:
      op.collective = CollectiveKind::all_gather;
      break;
    case Redistribution::Kind::all_to_all:
      op.collective = CollectiveKind::all_to_all;
      break;
  }
  op.stream = StreamName::tensor;
  op.payload = weight_bytes(view, moves.payload_tokens * transition.activation.hidden);
  return op;
}

// Tokens may lie alike under different layouts: then there is nothing to do, either way.
std::optional<RedistributionOps> redistribution_ops(const RankView& view,
                                                    const Transition& transition) {
  const StageTokens tokens{.devices = devices_per_stage(view.plan),
                           .tokens = transition.activation.tokens};
  const auto shape = redistribution_shape(transition.from, transition.to, tokens);
  if (shape.kind == Redistribution::Kind::none) return std::nullopt;
  return RedistributionOps{.forward = redistribution_op(view, transition, Direction::forward),
                           .backward = redistribution_op(view, transition, Direction::backward)};
}

}  // namespace

RankView view_of(const Plan& plan, const LayerGraph& graph, int rank) {
  const int stage = stage_of_rank(plan, rank);
  RankView view{.plan = plan,
                .graph = graph,
                .rank = rank,
                .stage = stage,
                .range = plan.stages[static_cast<std::size_t>(stage)],
                .units = {},
                .tables = tied_tables(graph),
                .redistributions = {},
                .gathered_ahead = {}};
  for (int layer = view.range.first_layer; layer <= view.range.last_layer; ++layer) {
    view.units.push_back(parameter_units(layer_at(graph, layer), strategy_of(plan, layer).tensor));
    const auto goes_ahead = [&](int computing) {
      return gathered_ahead(plan, graph, {.computing = computing, .next = layer}).value > 0;
    };
    view.gathered_ahead.push_back({goes_ahead(layer - 1), goes_ahead(layer + 1)});
  }
  const auto look = [&](const Transition& transition) {
    return redistribution_ops(view, transition);
  };
  for (const auto& ops : look_up(stage_transitions(plan, graph, stage), look)) {
    view.redistributions.push_back(ops.value_or(std::nullopt));
  }
  return view;
}

bool is_first(const RankView& view) { return view.stage == 0; }
bool is_last(const RankView& view) { return view.stage + 1 == pipeline_degree(view.plan); }

std::vector<UnitPlace> units_of(const RankView& view, int layer) {
  const auto count = view.units[static_cast<std::size_t>(layer - view.range.first_layer)].size();
  std::vector<UnitPlace> places;
  for (int unit = 0; unit < static_cast<int>(count); ++unit) places.push_back({layer, unit});
  return places;
}

std::vector<UnitPlace> gathered_units(const RankView& view, int layer) {
  const Strategy& strategy = strategy_of(view.plan, layer);
  std::vector<UnitPlace> gathered;
  for (const UnitPlace& place : units_of(view, layer)) {
    if (sharding(unit_at(view, place), strategy) == Zero::parameters) gathered.push_back(place);
  }
  return gathered;
}

bool is_gathered_ahead(const RankView& view, int layer, Direction direction) {
  if (layer < view.range.first_layer || layer > view.range.last_layer) return false;
  return view.gathered_ahead[static_cast<std::size_t>(layer - view.range.first_layer)]
                            [static_cast<std::size_t>(direction)];
}

const ParameterUnit& unit_at(const RankView& view, const UnitPlace& place) {
  return view.units[static_cast<std::size_t>(place.layer - view.range.first_layer)]
                   [static_cast<std::size_t>(place.unit)];
}

bool stores(const RankView& view, const UnitPlace& place) {
  const ParameterUnit& unit = unit_at(view, place);
  return unit.tied_table.empty() ||
         storing_layer(view.plan, table_of(view, unit), view.stage) == place.layer;
}

std::vector<UnitPlace> stored_units(const RankView& view) {
  std::vector<UnitPlace> stored;
  for (int layer = view.range.first_layer; layer <= view.range.last_layer; ++layer) {
    for (const UnitPlace& place : units_of(view, layer)) {
      if (stores(view, place)) stored.push_back(place);
    }
  }
  return stored;
}

std::vector<UnitPlace> tied_units(const RankView& view) {
  std::vector<UnitPlace> tied;
  const std::vector<UnitPlace> stored = stored_units(view);
  for (const TiedTable& table : view.tables) {
    for (const UnitPlace& place : stored) {
      if (unit_at(view, place).tied_table == table.name) tied.push_back(place);
    }
  }
  return tied;
}

Op transfer(const RankView& view, OpKind kind, const Pass& pass) {
  const bool sends = kind == OpKind::send;
  const bool to_next = sends == (pass.direction == Direction::forward);
  const ActivationShape activation = activation_of(
      view.plan, view.graph, to_next ? view.range.last_layer : view.range.first_layer - 1);
  const int distance = devices_per_stage(view.plan);
  return {
      .kind = kind,
      .stream = StreamName::pipeline,
      .direction = pass.direction,
      .micro_batch = pass.micro_batch,
      .collective = sends ? CollectiveKind::send : CollectiveKind::receive,
      .group = {.first = to_next ? view.rank : view.rank - distance, .size = 2, .stride = distance},
      .payload = weight_bytes(view, activation.tokens / distance * activation.hidden)};
}

std::optional<Op> redistribute_op(const RankView& view, int into, const Pass& pass) {
  const std::optional<RedistributionOps>& ops =
      view.redistributions[static_cast<std::size_t>(into - view.range.first_layer)];
  if (!ops) return std::nullopt;
  Op op = pass.direction == Direction::forward ? ops->forward : ops->backward;
  op.layer = into;
  op.micro_batch = pass.micro_batch;
  return op;
}

Op gather_op(const RankView& view, const UnitPlace& place, const Pass& pass) {
  const std::int64_t elements =
      unit_elements(unit_at(view, place), strategy_of(view.plan, place.layer));
  return {.kind = OpKind::gather,
          .stream = StreamName::data,
          .direction = pass.direction,
          .layer = place.layer,
          .unit = place.unit,
          .micro_batch = pass.micro_batch,
          .collective = CollectiveKind::all_gather,
          .group = global_data_group(view.plan, {place.layer, view.rank}),
          .payload = weight_bytes(view, elements)};
}

std::optional<Op> token_local_op(const RankView& view, const UnitPlace& place, const Pass& pass) {
  const std::int64_t elements = unit_at(view, place).token_local_elements;
  if (!strategy_of(view.plan, place.layer).sequence_parallel || elements == 0) return std::nullopt;
  return Op{.kind = OpKind::reduce_token_local,
            .stream = StreamName::tensor,
            .direction = Direction::backward,
            .layer = place.layer,
            .unit = place.unit,
            .micro_batch = pass.micro_batch,
            .collective = CollectiveKind::all_reduce,
            .group = global_tensor_group(view.plan, {place.layer, view.rank}),
            .payload = Bytes{kGradientBytes * elements}};
}

std::optional<Op> reduce_op(const RankView& view, const UnitPlace& place, const Pass& pass) {
  const Strategy& strategy = strategy_of(view.plan, place.layer);
  if (strategy.data == 1 || unit_at(view, place).everywhere) return std::nullopt;
  return Op{.kind = OpKind::reduce,
            .stream = StreamName::data,
            .direction = Direction::backward,
            .layer = place.layer,
            .unit = place.unit,
            .micro_batch = pass.micro_batch,
            .collective = strategy.zero == Zero::none ? CollectiveKind::all_reduce
                                                      : CollectiveKind::reduce_scatter,
            .group = global_data_group(view.plan, {place.layer, view.rank}),
            .payload = Bytes{kGradientBytes * unit_elements(unit_at(view, place), strategy)}};
}

std::optional<Op> tied_op(const RankView& view, const UnitPlace& place) {
  const ParameterUnit& unit = unit_at(view, place);
  if (unit.tied_table.empty()) return std::nullopt;
  RankGroup group = holders(view.plan, table_of(view, unit), view.rank);
  if (group.size < 2) return std::nullopt;
  const std::int64_t elements = shard_elements(unit, strategy_of(view.plan, place.layer));
  return Op{.kind = OpKind::reduce_tied,
            .stream = StreamName::pipeline,
            .direction = Direction::backward,
            .layer = place.layer,
            .unit = place.unit,
            .collective = CollectiveKind::all_reduce,
            .group = std::move(group),
            .payload = Bytes{kGradientBytes * elements}};
}

Op norm_op(const RankView& view) {
  return {.kind = OpKind::reduce_norm,
          .stream = StreamName::pipeline,
          .collective = CollectiveKind::all_reduce,
          .group = {.first = 0, .size = view.plan.devices, .stride = 1},
          .payload = kNormPayload};
}

std::optional<Op> gather_updated_op(const RankView& view, const UnitPlace& place) {
  const Zero zero = sharding(unit_at(view, place), strategy_of(view.plan, place.layer));
  if (zero != Zero::optimizer && zero != Zero::gradients) return std::nullopt;
  Op op = gather_op(view, place, {});
  op.kind = OpKind::gather_updated;
  op.micro_batch = -1;
  return op;
}

}  // namespace galvatron
