#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

namespace galvatron {

inline constexpr int kMostFrequencies = 256;

template <typename T>
struct RotationArrays {
  const T* from = nullptr;
  T* to = nullptr;
  std::int64_t rows = 0;
  std::int64_t sequence_length = 0;
  int heads = 0;
  int half = 0;    // of a head's size
  float sign = 1;  // of the angles
  float frequencies[kMostFrequencies] = {};
};

// For float and __nv_bfloat16.
template <typename T>
cudaError_t launch_rotation(const RotationArrays<T>& arrays, cudaStream_t stream);

}  // namespace galvatron
