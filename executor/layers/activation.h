// Elementwise functions between two products.
#pragma once

#include <ATen/core/Tensor.h>

#include "executor/layers/operand.h"
#include "planner/model/model.h"

namespace galvatron {

// Keeps its input. Under selective recomputation the product that follows keeps it too, instead of
// the output.
Operand activate(Activation activation, const at::Tensor& input, Recompute recompute);

// activation(gate) up. Keeps gate and up.
// Source: Shazeer, "GLU Variants Improve Transformer", 2020.
struct GatedInput {
  at::Tensor gate;
  at::Tensor up;
};
Operand activate_gated(Activation activation, const GatedInput& input, Recompute recompute);

}  // namespace galvatron
