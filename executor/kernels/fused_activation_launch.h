#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "planner/model/model.h"

namespace galvatron {

// Null: `up` where there is no gate, `gradient` and `up_gradient` in forward, which writes
// `result`.
template <typename T>
struct ActivationArrays {
  const T* input = nullptr;  // of the function: the gate where there is one
  const T* up = nullptr;
  const T* gradient = nullptr;
  T* result = nullptr;  // or the gradient of `input`
  T* up_gradient = nullptr;
  std::int64_t elements = 0;
};

// For float and __nv_bfloat16.
template <typename T>
cudaError_t launch_activation(Activation activation, const ActivationArrays<T>& arrays,
                              cudaStream_t stream);

}  // namespace galvatron
