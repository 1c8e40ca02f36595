#include "executor/layers/activation.h"

#include <ATen/ops/empty_like.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/gelu_backward.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/silu_backward.h>
#include <ATen/ops/threshold_backward.h>

#include "executor/kernels/fused_activation.h"
#include "executor/layers/held_state.h"

namespace galvatron {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

at::Tensor activated(Activation activation, const at::Tensor& input) {
  if (input.is_cuda()) return fused_activation(activation, input.contiguous());
  switch (activation) {
    case Activation::gelu_tanh:
      return at::gelu(input, "tanh");
    case Activation::gelu_erf:
      return at::gelu(input, "none");
    case Activation::relu:
      return input.relu();
    case Activation::silu:
      return at::silu(input);
  }
  return {};
}

// Into `result`, which may be `gradient` itself.
void activated_backward(Activation activation, at::Tensor& result, const at::Tensor& gradient,
                        const at::Tensor& input) {
  switch (activation) {
    case Activation::gelu_tanh:
      at::gelu_backward_out(result, gradient, input, "tanh");
      return;
    case Activation::gelu_erf:
      at::gelu_backward_out(result, gradient, input, "none");
      return;
    case Activation::relu:
      at::threshold_backward_out(result, gradient, input, 0);
      return;
    case Activation::silu:
      at::silu_backward_out(result, gradient, input);
      return;
  }
}

class ActivationFunction : public torch::autograd::Function<ActivationFunction> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& input,
                            Activation activation) {
    context->save_for_backward({input});
    hold(context, activation);
    return activated(activation, input);
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const at::Tensor input = context->get_saved_variables().at(0);
    const auto activation = take_held<Activation>(context);
    if (input.is_cuda()) {
      return {
          fused_activation_backward(activation, input.contiguous(), gradients.at(0).contiguous()),
          {}};
    }
    at::Tensor result = at::empty_like(gradients.at(0));
    activated_backward(activation, result, gradients.at(0), input);
    return {result, {}};
  }
};

at::Tensor gated(Activation activation, const GatedInput& input) {
  if (input.gate.is_cuda()) {
    return fused_gate(activation, input.gate.contiguous(), input.up.contiguous());
  }
  return activated(activation, input.gate).mul_(input.up);
}

class GatedFunction : public torch::autograd::Function<GatedFunction> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& gate, const at::Tensor& up,
                            Activation activation) {
    context->save_for_backward({gate, up});
    hold(context, activation);
    return gated(activation, {gate, up});
  }

  // Two tensors live beside the incoming gradient, both of them results.
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list kept = context->get_saved_variables();
    const auto activation = take_held<Activation>(context);
    const at::Tensor& gradient = gradients.at(0);
    if (gradient.is_cuda()) {
      const GateInput result = fused_gate_backward(
          activation, {kept[0].contiguous(), kept[1].contiguous()}, gradient.contiguous());
      return {result.gate, result.up, {}};
    }
    at::Tensor gate_gradient = gradient.mul(kept[1]);
    activated_backward(activation, gate_gradient, gate_gradient, kept[0]);
    return {gate_gradient, gated(activation, {kept[0], gradient}), {}};
  }
};

}  // namespace

Operand activate(Activation activation, const at::Tensor& input, Recompute recompute) {
  return operand(ActivationFunction::apply(input, activation), recompute,
                 [activation, kept = input.detach()] { return activated(activation, kept); });
}

Operand activate_gated(Activation activation, const GatedInput& input, Recompute recompute) {
  return operand(GatedFunction::apply(input.gate, input.up, activation), recompute,
                 [activation, kept = GatedInput{input.gate.detach(), input.up.detach()}] {
                   return gated(activation, kept);
                 });
}

}  // namespace galvatron
