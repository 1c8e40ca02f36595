#pragma once

#include <cuda_bf16.h>
#include <cuda_runtime_api.h>

#include <cstdint>

namespace galvatron {

struct AdamWArrays {
  float* weights = nullptr;
  float* gradient = nullptr;
  float* first_moment = nullptr;
  float* second_moment = nullptr;
  __nv_bfloat16* copy = nullptr;  // null: none
  std::int64_t elements = 0;
};

struct AdamWFactors {
  float kept = 1;        // of the weight, after decay
  float step_size = 0;   // learning rate / (1 - beta1^updates)
  float root_scale = 1;  // 1 / sqrt(1 - beta2^updates)
  float epsilon = 0;
  float beta1 = 0;
  float rest1 = 1;  // 1 - beta1, rounded once
  float beta2 = 0;
  float rest2 = 1;
};

cudaError_t launch_adamw(const AdamWArrays& arrays, const AdamWFactors& factors,
                         cudaStream_t stream);

}  // namespace galvatron
