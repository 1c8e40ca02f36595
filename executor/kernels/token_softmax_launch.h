#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

namespace galvatron {

struct LogitShape {
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  std::int64_t stride = 0;  // from row to row, in elements
  std::int64_t first_token = 0;
  std::int64_t tokens = 0;  // columns that stand for one
};

struct StatisticsArrays {
  const std::int64_t* targets = nullptr;
  float* largest = nullptr;
  float* sum = nullptr;
  float* target = nullptr;
};

struct GradientArrays {
  const std::int64_t* targets = nullptr;
  const float* largest = nullptr;
  const float* sum = nullptr;
  const float* upstream = nullptr;
  float factor = 1;
  std::int64_t ignored = 0;
};

// For float and __nv_bfloat16.
template <typename T>
cudaError_t launch_statistics(const T* logits, const LogitShape& shape,
                              const StatisticsArrays& arrays, cudaStream_t stream);
template <typename T>
cudaError_t launch_gradient(T* logits, const LogitShape& shape, const GradientArrays& arrays,
                            cudaStream_t stream);

}  // namespace galvatron
