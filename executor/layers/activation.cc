#include "executor/layers/activation.h"

#include <ATen/ops/gelu.h>
#include <ATen/ops/gelu_backward.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/silu_backward.h>
#include <ATen/ops/threshold_backward.h>

#include "executor/layers/held_state.h"

namespace galvatron {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

at::Tensor activated(Activation activation, const at::Tensor& input) {
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

at::Tensor activated_backward(Activation activation, const at::Tensor& gradient,
                              const at::Tensor& input) {
  switch (activation) {
    case Activation::gelu_tanh:
      return at::gelu_backward(gradient, input, "tanh");
    case Activation::gelu_erf:
      return at::gelu_backward(gradient, input, "none");
    case Activation::relu:
      return at::threshold_backward(gradient, input, 0);
    case Activation::silu:
      return at::silu_backward(gradient, input);
  }
  return {};
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
    return {activated_backward(take_held<Activation>(context), gradients.at(0), input), {}};
  }
};

at::Tensor gated(const at::Tensor& gate, const at::Tensor& up) { return at::silu(gate).mul_(up); }

class Swiglu : public torch::autograd::Function<Swiglu> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& gate,
                            const at::Tensor& up) {
    context->save_for_backward({gate, up});
    return gated(gate, up);
  }

  // Two tensors live beside the incoming gradient, both of them results.
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list kept = context->get_saved_variables();
    const at::Tensor& gradient = gradients.at(0);
    at::Tensor gate_gradient = gradient.mul(kept[1]);
    at::silu_backward_out(gate_gradient, gate_gradient, kept[0]);
    return {gate_gradient, at::silu(kept[0]).mul_(gradient)};
  }
};

}  // namespace

Operand activate(Activation activation, const at::Tensor& input, Recompute recompute) {
  return operand(ActivationFunction::apply(input, activation), recompute,
                 [activation, kept = input.detach()] { return activated(activation, kept); });
}

Operand swiglu(const at::Tensor& gate, const at::Tensor& up, Recompute recompute) {
  return operand(
      Swiglu::apply(gate, up), recompute,
      [kept = std::pair(gate.detach(), up.detach())] { return gated(kept.first, kept.second); });
}

}  // namespace galvatron
