// The rank program: what one rank does in one step, in order, as data.
//
// It is the only description of a step. The simulator prices it, `show --rank` prints it, the
// executor runs it. Communication inside a layer's forward and backward is not listed here: it
// comes from layer_collectives(layer, layout).
//
// Order of a micro-batch's forward on a stage: receive, enter (redistribution from the canonical
// layout), then per layer [gather] forward [free parameters] with a redistribution where the layout
// changes, leave, send. Backward is the transpose, each layer [gather] [recompute] backward,
// token-local sums and reductions. After the last micro-batch: reductions waited for, tied tables
// summed over the stages that hold them, sends waited for, the gradient norm (a barrier over all
// ranks), clipping and optimizer, updated parameters gathered where ZeRO 1 or 2 keeps them whole.
//
// A receive is started just before it is waited for; a gather too, or, ahead, before its neighbour
// computes (gather_ahead.h). A send is started once what it sends is there and waited for before
// the next one in its direction, so that neighbours that send to each other never wait for each
// other. Gradients are reduced once per step, started behind the last backward of their layer (ZeRO
// 0, 1), or after every micro-batch (ZeRO 2 and 3). A table that several layers of one stage use is
// stored, updated and, once per step, reduced by the first of them.
#pragma once

#include <cstdint>
#include <vector>

#include "cost_models/layer_collectives.h"
#include "cost_models/named_values.h"
#include "cost_models/rank_group.h"
#include "cost_models/units.h"
#include "planner/model/layer_graph.h"
#include "planner/plan/plan.h"
#include "planner/schedule/micro_batch_order.h"

namespace galvatron {

enum class OpKind {
  forward,          // layer, micro_batch
  recompute,        // layer, micro_batch: forward again, now keeping the saved tensors
  backward,         // layer, micro_batch
  redistribute,     // layer: the one entered (direction forward); one past the stage's last: leave
  gather,           // layer, unit: parameters from their shards over the data group
  free_parameters,  // layer, unit: gathered parameters are dropped
  reduce_token_local,  // layer, unit: the tail of the gradient over the tensor group
  reduce,              // layer, unit: gradients over the data group
  reduce_tied,         // layer, unit: a tied table's gradient over the ranks that hold the same
  send,                // an activation (direction forward) or its gradient (backward)
  receive,
  reduce_norm,     // loss and squared gradient norm over all ranks
  clip,            // scale the gradients by the norm
  update,          // layer, unit: optimizer
  gather_updated,  // layer, unit: parameters after the update (ZeRO 1 and 2)
};

enum class Part { whole, start, wait };
enum class StreamName { compute, tensor, data, pipeline };

struct Op {
  OpKind kind = OpKind::forward;
  Part part = Part::whole;
  StreamName stream = StreamName::compute;
  Direction direction = Direction::forward;
  int layer = -1;
  int unit = -1;
  std::int64_t micro_batch = -1;
  // Of communication only; ranks are global. For send and receive the group is {rank, peer} as
  // first = the lower one, stride = their distance.
  CollectiveKind collective = CollectiveKind::all_reduce;
  RankGroup group{};
  Bytes payload{};

  bool operator==(const Op&) const = default;
};

inline constexpr NamedValues<OpKind, 15> kOpNames{
    {{OpKind::forward, "forward"},
     {OpKind::recompute, "recompute"},
     {OpKind::backward, "backward"},
     {OpKind::redistribute, "redistribute"},
     {OpKind::gather, "gather"},
     {OpKind::free_parameters, "free_parameters"},
     {OpKind::reduce_token_local, "reduce_token_local"},
     {OpKind::reduce, "reduce"},
     {OpKind::reduce_tied, "reduce_tied"},
     {OpKind::send, "send"},
     {OpKind::receive, "receive"},
     {OpKind::reduce_norm, "reduce_norm"},
     {OpKind::clip, "clip"},
     {OpKind::update, "update"},
     {OpKind::gather_updated, "gather_updated"}}};
inline constexpr NamedValues<Direction, 2> kDirectionNames{
    {{Direction::forward, "forward"}, {Direction::backward, "backward"}}};
inline constexpr NamedValues<Part, 3> kPartNames{
    {{Part::whole, "whole"}, {Part::start, "start"}, {Part::wait, "wait"}}};
inline constexpr NamedValues<StreamName, 4> kStreamNames{{{StreamName::compute, "compute"},
                                                          {StreamName::tensor, "tensor"},
                                                          {StreamName::data, "data"},
                                                          {StreamName::pipeline, "pipeline"}}};

// False for a redistribution that only slices and for a norm over one rank. True for a rank that
// takes part in an all-to-all without anything to pass on.
constexpr bool communicates(const Op& op) { return op.group.size > 1; }

using RankProgram = std::vector<Op>;

// Requires a plan without problems (see check_structure).
RankProgram build_rank_program(const Plan& plan, const LayerGraph& graph, int rank);

}  // namespace galvatron
