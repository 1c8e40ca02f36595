#include "executor/kernels/fused_activation.h"

#include <ATen/ops/empty_like.h>

#include "executor/kernels/fused_activation_launch.h"
#include "executor/kernels/kernel_tensor.h"

namespace galvatron {
namespace {

// Undefined: what ActivationArrays may lack.
struct ActivationTensors {
  at::Tensor input;
  at::Tensor up = {};
  at::Tensor gradient = {};
  at::Tensor result;
  at::Tensor up_gradient = {};
};

void run(Activation activation, const ActivationTensors& tensors) {
  check_like(tensors.input, "input", tensors.input);
  if (tensors.up.defined()) check_like(tensors.up, "up", tensors.input);
  if (tensors.gradient.defined()) check_like(tensors.gradient, "gradient", tensors.input);
  const LaunchScope scope(tensors.input);
  launch_by_type(tensors.input, [&]<typename T>(T) {
    return launch_activation<T>(activation,
                                {.input = elements_of<T>(tensors.input),
                                 .up = elements_of<T>(tensors.up),
                                 .gradient = elements_of<T>(tensors.gradient),
                                 .result = elements_of<T>(tensors.result),
                                 .up_gradient = elements_of<T>(tensors.up_gradient),
                                 .elements = tensors.input.numel()},
                                scope.stream());
  });
}

}  // namespace

at::Tensor fused_activation(Activation activation, const at::Tensor& input) {
  at::Tensor result = at::empty_like(input);
  run(activation, {.input = input, .result = result});
  return result;
}

at::Tensor fused_activation_backward(Activation activation, const at::Tensor& input,
                                     const at::Tensor& gradient) {
  at::Tensor result = at::empty_like(input);
  run(activation, {.input = input, .gradient = gradient, .result = result});
  return result;
}

at::Tensor fused_gate(Activation activation, const at::Tensor& gate, const at::Tensor& up) {
  at::Tensor result = at::empty_like(gate);
  run(activation, {.input = gate, .up = up, .result = result});
  return result;
}

GateInput fused_gate_backward(Activation activation, const GateInput& input,
                              const at::Tensor& gradient) {
  GateInput result{.gate = at::empty_like(input.gate), .up = at::empty_like(input.up)};
  run(activation, {.input = input.gate,
                   .up = input.up,
                   .gradient = gradient,
                   .result = result.gate,
                   .up_gradient = result.up});
  return result;
}

}  // namespace galvatron
