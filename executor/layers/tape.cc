#include "executor/layers/tape.h"

#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/engine.h>

#include <utility>

namespace galvatron {
namespace {

at::Tensor recorded_forward(const Block& block, const BlockContext& context, Tape& tape) {
  const c10::AutoGradMode recording(true);
  at::Tensor output = block(context, tape.input);
  tape.root = output.grad_fn();
  tape.root_output = static_cast<std::uint32_t>(output.output_nr());
  return output.detach();
}

}  // namespace

TapedForward run_forward(const Block& block, const BlockContext& context, at::Tensor input) {
  Tape tape{.input = input.detach()};
  if (context.layer.kind != LayerKind::embedding) tape.input.requires_grad_(true);
  if (context.strategy.recompute == Recompute::full) {
    const c10::AutoGradMode recording(false);
    at::Tensor output = block(context, tape.input);
    return {.output = std::move(output), .tape = std::move(tape)};
  }
  at::Tensor output = recorded_forward(block, context, tape);
  return {.output = std::move(output), .tape = std::move(tape)};
}

void run_recompute(const Block& block, const BlockContext& context, Tape& tape) {
  recorded_forward(block, context, tape);
}

at::Tensor run_backward(Tape tape, at::Tensor output_gradient) {
  torch::autograd::edge_list roots;
  roots.emplace_back(std::exchange(tape.root, nullptr), tape.root_output);
  torch::autograd::Engine::get_default_engine().execute(
      roots, {std::move(output_gradient)}, /*keep_graph=*/false, /*create_graph=*/false,
      /*accumulate_grad=*/true);
  return tape.input.grad();
}

}  // namespace galvatron
