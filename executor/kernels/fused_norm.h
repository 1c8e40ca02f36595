// LayerNorm and RMS norm over rows, with the residual branch that goes around them.
//
// Statistics and sums are fp32 whatever the rows are. Nothing depends on the order in which threads
// run: the weights' gradients are sums per block of rows, added up in a second pass.
#pragma once

#include <ATen/core/Tensor.h>

namespace galvatron {

// Rows and weights are fp32 or bf16, all of one type and contiguous. Backward keeps one fp32 sum
// per column and weight in shared memory: at most 28 thousand columns on Hopper, 8 on Turing.
struct NormWeights {
  at::Tensor weight;     // [columns]
  at::Tensor bias = {};  // [columns]; undefined: RMS norm, which subtracts no mean
  double epsilon = 0;
};

struct NormedRows {
  at::Tensor output;     // [rows, columns]
  at::Tensor mean = {};  // [rows, 1] fp32; undefined for RMS norm
  at::Tensor scale;      // [rows, 1] fp32: 1 / deviation, or 1 / root mean square
};

NormedRows fused_norm(const NormWeights& norm, const at::Tensor& input);

struct NormBackward {
  at::Tensor input;
  at::Tensor mean = {};
  at::Tensor scale;
  at::Tensor gradient;       // of the output
  at::Tensor residual = {};  // gradient that comes around the norm; undefined: none
};

// fp32 gradients of the weights, added to.
struct NormGradients {
  at::Tensor weight;
  at::Tensor bias = {};
};

// The gradient of the input, fresh: the norm's and the residual's.
at::Tensor fused_norm_backward(const NormWeights& norm, const NormBackward& what,
                               const NormGradients& sums);

}  // namespace galvatron
