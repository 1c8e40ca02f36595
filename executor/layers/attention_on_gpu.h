// Softmax attention by the fused kernels that LibTorch brings for GPUs.
//
//   cudnn       bf16 on Hopper and later, heads up to 128
//   flash       bf16 on Ampere and later, heads up to 256
//   efficient   fp32, any mask, and whatever the others do not take
//
// The first two read fewer key-value heads than query heads as they are; for the last they are
// repeated and their gradients added up. A head size that is no multiple of 8 is filled up with
// zeros, which change nothing. None promises the same bits in every run: they add up the queries'
// gradient in the order in which blocks finish.
#pragma once

#include <array>
#include <vector>

#include "executor/layers/attention.h"

namespace galvatron {

struct GpuAttention {
  at::Tensor output;             // [samples, heads, sequence, head size]
  std::vector<at::Tensor> kept;  // log-sum-exp, and what the kernel drew its dropout from: nothing
};

// query, key and value are [samples, heads, sequence, head size], views of rows.
GpuAttention attend_on_gpu(const AttentionShape& shape, const AttentionInput& heads);

struct GpuAttentionBackward {
  AttentionInput heads;
  GpuAttention forward;
  at::Tensor gradient;  // of the output
};

// The gradients of query, key and value.
std::array<at::Tensor, 3> attend_backward_on_gpu(const AttentionShape& shape,
                                                 const GpuAttentionBackward& what);

}  // namespace galvatron
