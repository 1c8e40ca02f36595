#include "planner/schedule/program.h"

#include <array>
#include <utility>

#include "planner/schedule/rank_view.h"

namespace galvatron {
namespace {

bool reduces_every_micro_batch(Zero zero) {
  return zero == Zero::gradients || zero == Zero::parameters;
}

// Puts the operations of one rank in order. Guards that at most one send per direction is under way
// and that everything started is waited for.
class ProgramBuilder {
 public:
  explicit ProgramBuilder(RankView view) : view_(std::move(view)) {}

  RankProgram build() &&;

 private:
  void forward(const Pass& pass);
  void backward(const Pass& pass);
  void finish();

  void pass_over_layer(int layer, const Pass& pass);
  void start_gathers(int layer, const Pass& pass);
  void reduce_gradients(int layer, const Pass& pass);
  void send(const Pass& pass);
  void wait_for_send(Direction direction);

  void add(const Op& op) { program_.push_back(op); }
  void add(const std::optional<Op>& op) {
    if (op) program_.push_back(*op);
  }
  void add_part(Op op, Part part);

  RankView view_;
  std::array<std::optional<Op>, 2> sends_under_way_;  // by direction
  std::vector<Op> reductions_under_way_;
  RankProgram program_;
};

RankProgram ProgramBuilder::build() && {
  const Plan& plan = view_.plan;
  const PipelinePosition position{
      .stage = view_.stage, .stages = pipeline_degree(plan), .micro_batches = plan.micro_batches};
  for (const Pass& pass : micro_batch_order(plan.schedule, position)) {
    switch (pass.direction) {
      case Direction::forward:
        forward(pass);
        break;
      case Direction::backward:
        backward(pass);
        break;
    }
  }
  finish();
  return std::move(program_);
}

void ProgramBuilder::forward(const Pass& pass) {
  if (!is_first(view_)) {
    add_part(transfer(view_, OpKind::receive, pass), Part::start);
    add_part(transfer(view_, OpKind::receive, pass), Part::wait);
  }
  for (int layer = view_.range.first_layer; layer <= view_.range.last_layer; ++layer) {
    add(redistribute_op(view_, layer, pass));
    pass_over_layer(layer, pass);
  }
  add(redistribute_op(view_, view_.range.last_layer + 1, pass));
  if (!is_last(view_)) send(pass);
}

void ProgramBuilder::backward(const Pass& pass) {
  if (!is_last(view_)) {
    add_part(transfer(view_, OpKind::receive, pass), Part::start);
    add_part(transfer(view_, OpKind::receive, pass), Part::wait);
  }
  add(redistribute_op(view_, view_.range.last_layer + 1, pass));
  for (int layer = view_.range.last_layer; layer >= view_.range.first_layer; --layer) {
    pass_over_layer(layer, pass);
    reduce_gradients(layer, pass);
    add(redistribute_op(view_, layer, pass));
  }
  if (!is_first(view_)) send(pass);
}

void ProgramBuilder::finish() {
  for (const Op& reduction : reductions_under_way_) add_part(reduction, Part::wait);
  const std::vector<UnitPlace> units = stored_units(view_);
  for (const UnitPlace& place : tied_units(view_)) add(tied_op(view_, place));
  wait_for_send(Direction::forward);
  wait_for_send(Direction::backward);
  add(norm_op(view_));
  if (view_.plan.job.clip_grad_norm) add(Op{.kind = OpKind::clip});
  for (const UnitPlace& place : units) {
    add(Op{.kind = OpKind::update, .layer = place.layer, .unit = place.unit});
    add(gather_updated_op(view_, place));
  }
}

void ProgramBuilder::pass_over_layer(int layer, const Pass& pass) {
  const Strategy& strategy = strategy_of(view_.plan, layer);
  const bool backwards = pass.direction == Direction::backward;
  const std::vector<UnitPlace> gathered = gathered_units(view_, layer);
  if (!is_gathered_ahead(view_, layer, pass.direction)) start_gathers(layer, pass);
  for (const UnitPlace& place : gathered) add_part(gather_op(view_, place, pass), Part::wait);
  const int next = backwards ? layer - 1 : layer + 1;
  if (is_gathered_ahead(view_, next, pass.direction)) start_gathers(next, pass);
  Op op{.kind = backwards ? OpKind::backward : OpKind::forward,
        .direction = pass.direction,
        .layer = layer,
        .micro_batch = pass.micro_batch};
  if (backwards && strategy.recompute == Recompute::full) {
    Op again = op;
    again.kind = OpKind::recompute;
    add(again);
  }
  add(op);
  op.kind = OpKind::free_parameters;
  for (const UnitPlace& place : gathered) {
    op.unit = place.unit;
    add(op);
  }
}

void ProgramBuilder::start_gathers(int layer, const Pass& pass) {
  for (const UnitPlace& place : gathered_units(view_, layer)) {
    add_part(gather_op(view_, place, pass), Part::start);
  }
}

void ProgramBuilder::reduce_gradients(int layer, const Pass& pass) {
  const bool every_time = reduces_every_micro_batch(strategy_of(view_.plan, layer).zero);
  if (!every_time && pass.micro_batch + 1 < view_.plan.micro_batches) return;
  for (const UnitPlace& place : units_of(view_, layer)) {
    if (!every_time && !stores(view_, place)) continue;
    add(token_local_op(view_, place, pass));
    const std::optional<Op> reduction = reduce_op(view_, place, pass);
    if (!reduction) continue;
    add_part(*reduction, every_time ? Part::whole : Part::start);
    if (!every_time) reductions_under_way_.push_back(*reduction);
  }
}

void ProgramBuilder::send(const Pass& pass) {
  wait_for_send(pass.direction);
  const Op op = transfer(view_, OpKind::send, pass);
  add_part(op, Part::start);
  sends_under_way_[static_cast<std::size_t>(pass.direction)] = op;
}

void ProgramBuilder::wait_for_send(Direction direction) {
  std::optional<Op>& under_way = sends_under_way_[static_cast<std::size_t>(direction)];
  if (under_way) add_part(*under_way, Part::wait);
  under_way.reset();
}

void ProgramBuilder::add_part(Op op, Part part) {
  op.part = part;
  add(op);
}

}  // namespace

RankProgram build_rank_program(const Plan& plan, const LayerGraph& graph, int rank) {
  return ProgramBuilder(view_of(plan, graph, rank)).build();
}

}  // namespace galvatron
