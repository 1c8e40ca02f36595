// For .cu files: how kernels read and write memory, `kWidth` neighbouring elements at once, as fp32
// numbers.
//
// A full width is 16 bytes, which needs addresses and rows that are multiples of it; width 1 takes
// what is left. Both are coalesced: neighbouring threads take neighbouring elements.
#pragma once

#include <cuda_bf16.h>

#include <cstdint>

namespace galvatron {

template <typename T, int kWidth>
struct alignas(sizeof(T) * kWidth) Pack {
  T of[kWidth];
};

template <typename T>
inline constexpr int kFullWidth = 16 / sizeof(T);

__device__ inline float to_float(float value) { return value; }
__device__ inline float to_float(__nv_bfloat16 value) { return __bfloat162float(value); }

template <typename T>
__device__ T from_float(float value);
template <>
__device__ inline float from_float<float>(float value) {
  return value;
}
template <>
__device__ inline __nv_bfloat16 from_float<__nv_bfloat16>(float value) {
  return __float2bfloat16_rn(value);
}

template <int kWidth, typename T>
__device__ inline Pack<float, kWidth> load(const T* from) {
  const Pack<T, kWidth> raw = *reinterpret_cast<const Pack<T, kWidth>*>(from);
  Pack<float, kWidth> values;
#pragma unroll
  for (int i = 0; i < kWidth; ++i) values.of[i] = to_float(raw.of[i]);
  return values;
}

template <int kWidth, typename T>
__device__ inline void store(T* to, const Pack<float, kWidth>& values) {
  Pack<T, kWidth> raw;
#pragma unroll
  for (int i = 0; i < kWidth; ++i) raw.of[i] = from_float<T>(values.of[i]);
  *reinterpret_cast<Pack<T, kWidth>*>(to) = raw;
}

// Whether `width` elements can be read at once from `pointer`; null can.
template <typename T>
bool is_aligned(const T* pointer, int width) {
  return reinterpret_cast<std::uintptr_t>(pointer) % (sizeof(T) * width) == 0;
}

}  // namespace galvatron
