// LayerNorm and RMS norm over the last dimension. Each rank normalizes the rows it holds, so that
// under sequence parallelism the weights' gradients are sums over its own rows only.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>

#include "executor/layers/block.h"
#include "executor/layers/operand.h"

namespace galvatron {

struct Norm {
  enum class Kind { layer, rms } kind = Kind::layer;
  double epsilon = 1e-5;
  at::Tensor weight;  // [hidden]
  at::Tensor bias;    // [hidden]; undefined for rms
};

// The LayerNorm whose weight and bias in the layer's table end with `name`.weight and .bias.
Norm layer_norm_named(const BlockContext& context, const std::string& name, double epsilon);

// And the RMS norm, which has a weight only.
Norm rms_norm_named(const BlockContext& context, const std::string& name, double epsilon);

// A residual branch: what goes into it, and what goes around it.
struct NormBranch {
  Operand normalized;   // keeps the norm's input instead under selective recomputation
  at::Tensor residual;  // the input itself
};

// Forward keeps the input and its statistics in fp32. Backward adds the residual's gradient in
// place, on a GPU in the same pass; two uses of the input would make autograd add them into a third
// tensor.
NormBranch norm_branch(const Norm& norm, const at::Tensor& input, Recompute recompute);

}  // namespace galvatron
