#include "executor/run/step_runner.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/stack.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cassert>
#include <cmath>
#include <optional>

#include "executor/launch/exit_code.h"
#include "executor/run/gradient_norm.h"
#include "executor/run/redistribute.h"
#include "planner/plan/placement.h"

namespace galvatron {
namespace {

// The other rank of a send or receive, in their pair.
int peer_of(const Op& op, int rank) { return rank == op.group.first ? 1 : 0; }

int stage_number(const Stage& stage) { return stage_of_rank(stage.plan, rank_of(stage)); }

const StageRange& range_of(const Stage& stage) {
  return stage.plan.stages[static_cast<std::size_t>(stage_number(stage))];
}

// This rank's piece of the canonical layout, as the stage before (forward) or after sends it.
at::Tensor empty_piece(const Stage& stage, const Op& op) {
  const StageRange& range = range_of(stage);
  const ActivationShape shape =
      activation_of(stage.plan, stage.graph,
                    op.direction == Direction::forward ? range.first_layer - 1 : range.last_layer);
  return at::empty({shape.tokens / devices_per_stage(stage.plan), shape.hidden},
                   at::TensorOptions(stage.device).dtype(compute_type(stage.plan.job.precision)));
}

// The ranks whose own part, a scalar, is not finite. Collective over `world`.
std::string culprits(const at::Tensor& own, Communicator& world) {
  const at::Tensor parts = world.all_gather(own.cpu().view({1}));
  std::vector<int> ranks;
  for (int rank = 0; rank < world.size(); ++rank) {
    if (!std::isfinite(parts.const_data_ptr<double>()[rank])) ranks.push_back(rank);
  }
  return fmt::format("rank{} {}", ranks.size() == 1 ? "" : "s", fmt::join(ranks, ", "));
}

// A sum over all ranks, and what this one added to it.
struct SummedValue {
  const char* name;
  double sum = 0;
  at::Tensor own;
};

// Collective over `world` where the sum is not finite.
void check_finite(const SummedValue& value, const StepInput& input, Communicator& world) {
  if (std::isfinite(value.sum)) return;
  throw ExecutorError(
      ExitCode::not_a_number,
      fmt::format(
          "the {} of step {} is {} on {}: lower the learning rate or clip the gradient norm",
          value.name, input.step + 1, value.sum, culprits(value.own, world)));
}

bool counts_loss(const Stage& stage, int layer) {
  const Layout layout = layout_of(strategy_of(stage.plan, layer));
  return tensor_index(layout, local_rank(stage.plan, rank_of(stage))) == 0;
}

}  // namespace

StepRunner::StepRunner(const Stage& stage, RankProgram program, const AdamW& optimizer)
    : stage_(stage),
      program_(std::move(program)),
      optimizer_(optimizer),
      owned_(owned_pieces(stage.plan, stage.graph, rank_of(stage))),
      transitions_(stage_transitions(stage.plan, stage.graph, stage_number(stage))),
      layers_(stage),
      lanes_(stage.device),
      loss_(stage.device) {}

StepOutcome StepRunner::run(const StepInput& input) {
  outcome_ = {};
  for (number_ = 0; number_ < program_.size(); ++number_) execute(program_[number_], input);
  assert(layers_.done() && !in_hand_.defined());
  return outcome_;
}

void StepRunner::execute(const Op& op, const StepInput& input) {
  if (op.kind == OpKind::send) return send(op);
  if (op.kind == OpKind::receive) return receive(op);
  Started& started = under_way_[{op.kind, op.direction, op.layer, op.unit}];
  if (op.part != Part::wait) started = start(op, [&] { perform(op, input); });
  if (op.part == Part::whole) lanes_.wait(std::exchange(started, {}));
  if (op.part == Part::wait) observed([&] { lanes_.wait(std::exchange(started, {})); });
}

Started StepRunner::start(const Op& op, const Lanes::Work& work) {
  return lanes_.start(op, [&] { observed(work); });
}

void StepRunner::observed(const Lanes::Work& work) {
  observer_(number_, Edge::begin);
  work();
  observer_(number_, Edge::end);
}

void StepRunner::perform(const Op& op, const StepInput& input) {
  switch (op.kind) {
    case OpKind::send:
    case OpKind::receive:
      return;
    case OpKind::forward:
      return forward(op, input);
    case OpKind::recompute:
      return layers_.recompute(op, input);
    case OpKind::backward:
      in_hand_ = layers_.backward(op, std::move(in_hand_));
      return;
    case OpKind::redistribute:
      return redistribute_tokens(op);
    case OpKind::gather:
      return gather_weights(unit_of(op), group_of(op));
    case OpKind::free_parameters:
      return drop_weights(unit_of(op));
    case OpKind::reduce_token_local:
      return reduce_token_local(unit_of(op), group_of(op));
    case OpKind::reduce:
      return reduce_gradient(unit_of(op), group_of(op));
    case OpKind::reduce_tied:
      return reduce_tied(unit_of(op), group_of(op));
    case OpKind::reduce_norm:
      return reduce_norm(input);
    case OpKind::clip:
      return clip_gradients(stage_.store, *stage_.plan.job.clip_grad_norm, outcome_.grad_norm);
    case OpKind::update:
      return update(unit_of(op), optimizer_, input.learning_rate);
    case OpKind::gather_updated:
      return gather_updated(unit_of(op), group_of(op));
  }
}

void StepRunner::forward(const Op& op, const StepInput& input) {
  in_hand_ = layers_.forward(op, input, std::move(in_hand_));
  if (layer_at(stage_.graph, op.layer).kind != LayerKind::head) return;
  if (counts_loss(stage_, op.layer)) loss_.add(in_hand_);
  in_hand_.reset();
}

void StepRunner::redistribute_tokens(const Op& op) {
  std::optional<KeptScope> kept;  // an activation becomes the saved input of the next layer
  if (op.direction == Direction::forward) kept.emplace(stage_.live_bytes);
  const auto boundary = static_cast<std::size_t>(op.layer - range_of(stage_).first_layer);
  const Transition& transition = transitions_[boundary].value();
  TokenChange change{
      .from = transition.from,
      .to = transition.to,
      .stage = {.devices = devices_per_stage(stage_.plan), .tokens = transition.activation.tokens},
      .local_rank = local_rank(stage_.plan, rank_of(stage_))};
  if (op.direction == Direction::backward) std::swap(change.from, change.to);
  in_hand_ = redistribute(in_hand_, change, communicates(op) ? &group_of(op) : nullptr);
}

void StepRunner::send(const Op& op) {
  Transfer& transfer = sends_[static_cast<std::size_t>(op.direction)];
  if (op.part != Part::wait) {
    transfer.tensor = std::exchange(in_hand_, at::Tensor()).contiguous();
    transfer.started = start(op, [&] {
      transfer.request = channel_of(op).start_send(transfer.tensor, peer_of(op, rank_of(stage_)));
    });
  }
  if (op.part != Part::start) {
    observed([&] {
      lanes_.wait(transfer.started);
      transfer.request.wait();
    });
    transfer = {};
  }
}

void StepRunner::receive(const Op& op) {
  if (op.part != Part::wait) {
    std::optional<KeptScope> kept;
    if (op.direction == Direction::forward) kept.emplace(stage_.live_bytes);
    receive_.tensor = empty_piece(stage_, op);
    receive_.started = start(op, [&] {
      receive_.request =
          channel_of(op).start_receive(receive_.tensor, peer_of(op, rank_of(stage_)));
    });
  }
  if (op.part != Part::start) {
    observed([&] {
      lanes_.wait(receive_.started);
      receive_.request.wait();
    });
    in_hand_ = std::exchange(receive_, {}).tensor;
  }
}

void StepRunner::reduce_norm(const StepInput& input) {
  const at::Tensor own =
      at::stack({loss_.take(), squared_gradient_norm(stage_.store, owned_, stage_.device)});
  Communicator& world = stage_.groups.world();
  const at::Tensor sums = own.clone();
  world.all_reduce(sums);
  const at::Tensor known = sums.cpu();
  const double* values = known.const_data_ptr<double>();
  outcome_ = {.loss = values[0], .grad_norm = std::sqrt(values[1])};
  check_finite({.name = "loss", .sum = outcome_.loss, .own = own[0]}, input, world);
  check_finite({.name = "gradient norm", .sum = outcome_.grad_norm, .own = own[1]}, input, world);
}

}  // namespace galvatron
