// Elementwise functions and their gradients, each in one pass. Tensors are fp32 or bf16, all of one
// type, equal in size and contiguous; the arithmetic is fp32.
#pragma once

#include <ATen/core/Tensor.h>

#include "planner/model/model.h"

namespace galvatron {

// f(input), fresh.
at::Tensor fused_activation(Activation activation, const at::Tensor& input);

// gradient f'(input), fresh.
at::Tensor fused_activation_backward(Activation activation, const at::Tensor& input,
                                     const at::Tensor& gradient);

// f(gate) up, fresh.
at::Tensor fused_gate(Activation activation, const at::Tensor& gate, const at::Tensor& up);

// gradient up f'(gate) and gradient f(gate), both fresh.
struct GateInput {
  at::Tensor gate;
  at::Tensor up;
};
GateInput fused_gate_backward(Activation activation, const GateInput& input,
                              const at::Tensor& gradient);

}  // namespace galvatron
