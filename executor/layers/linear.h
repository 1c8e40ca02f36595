// Products with a weight that the tensor axis splits.
//
// A column product splits the outputs, a row product the inputs: a column product followed by a row
// product needs communication at its two ends only.
// Source: Shoeybi et al., "Megatron-LM", 2019; Korthikanti et al., "Reducing Activation
// Recomputation in Large Transformer Models", 2022 (sequence parallelism).
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "executor/layers/operand.h"
#include "executor/layers/tensor_axis.h"

namespace galvatron {

struct LinearWeight {
  // nn.Linear stores [outputs, inputs], GPT-2's Conv1D [inputs, outputs].
  enum class Layout { outputs_first, inputs_first } layout = Layout::outputs_first;
  at::Tensor weight;  // this rank's shard
  at::Tensor bias;    // undefined: none
  int parts = 1;      // equal blocks of the outputs, each a tensor of its own
};

// y = x W + b for every part of every weight, in order.
//
// x is [rows held, inputs], each y [rows, outputs / t]. The weights share x: it is gathered once
// and its gradient reduced once. Keeps x as held (or its recipe) and gathers it again in backward.
// On a GPU the rows of a y whose outputs are no multiple of 8 lie a little apart.
std::vector<at::Tensor> column_linear(const TensorAxis& axis, Operand x,
                                      const std::vector<LinearWeight>& weights);

// y = sum over the group of x W, + b.
//
// x is [rows, inputs / t], y [rows held, outputs]. Keeps x (or its recipe). y is fresh: it may be
// changed in place.
at::Tensor row_linear(const TensorAxis& axis, Operand x, const LinearWeight& weight);

// y = x W + b with the whole weight, of the rows held: under sequence parallelism the gradients of
// weight and bias are sums over this rank's rows only. Keeps x.
at::Tensor replicated_linear(const at::Tensor& x, const LinearWeight& weight);

}  // namespace galvatron
