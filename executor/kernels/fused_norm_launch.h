#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

namespace galvatron {

template <typename T>
struct NormForwardArrays {
  const T* input = nullptr;
  const T* weight = nullptr;
  const T* bias = nullptr;  // null: RMS norm
  T* output = nullptr;
  float* mean = nullptr;  // null for RMS norm
  float* scale = nullptr;
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  float epsilon = 0;
};

template <typename T>
struct NormBackwardArrays {
  const T* input = nullptr;
  const T* weight = nullptr;
  const T* gradient = nullptr;
  const T* residual = nullptr;  // null: none
  const float* mean = nullptr;  // null: RMS norm
  const float* scale = nullptr;
  T* input_gradient = nullptr;
  float* partials = nullptr;  // [blocks, weights, columns], weights 2 or for RMS norm 1
  float* weight_gradient = nullptr;
  float* bias_gradient = nullptr;  // null for RMS norm
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  int blocks = 0;
};

// For float and __nv_bfloat16.
template <typename T>
cudaError_t launch_norm_forward(const NormForwardArrays<T>& arrays, cudaStream_t stream);
template <typename T>
cudaError_t launch_norm_backward(const NormBackwardArrays<T>& arrays, cudaStream_t stream);

// Blocks of rows that backward is cut into on the current device: a few for each multiprocessor.
cudaError_t norm_backward_blocks(std::int64_t rows, int* blocks);

}  // namespace galvatron
