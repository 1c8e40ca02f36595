// One block per row: it computes the row's cosines and sines once, for all heads.
#include "executor/kernels/element.h"
#include "executor/kernels/grid.h"
#include "executor/kernels/rotate_heads_launch.h"

namespace galvatron {
namespace {

template <typename T, int kWidth>
__global__ void __launch_bounds__(kBlockThreads)
    rotation_kernel(const __grid_constant__ RotationArrays<T> arrays) {
  __shared__ __align__(32) float cosines[kMostFrequencies];
  __shared__ __align__(32) float sines[kMostFrequencies];
  const int packs = arrays.half / kWidth;  // of half a head
  for (std::int64_t row = blockIdx.x; row < arrays.rows; row += gridDim.x) {
    const auto position = static_cast<float>(row % arrays.sequence_length);
    for (int i = static_cast<int>(threadIdx.x); i < arrays.half;
         i += static_cast<int>(blockDim.x)) {
      sincosf(position * arrays.frequencies[i], &sines[i], &cosines[i]);
      sines[i] *= arrays.sign;
    }
    __syncthreads();
    for (int item = static_cast<int>(threadIdx.x); item < arrays.heads * packs;
         item += static_cast<int>(blockDim.x)) {
      const int inside = item % packs * kWidth;
      const std::int64_t place =
          (row * arrays.heads + item / packs) * std::int64_t{2} * arrays.half + inside;
      const Pack<float, kWidth> first = load<kWidth>(arrays.from + place);
      const Pack<float, kWidth> second = load<kWidth>(arrays.from + place + arrays.half);
      const Pack<float, kWidth> cosine = load<kWidth>(cosines + inside);
      const Pack<float, kWidth> sine = load<kWidth>(sines + inside);
      Pack<float, kWidth> turned_first;
      Pack<float, kWidth> turned_second;
#pragma unroll
      for (int i = 0; i < kWidth; ++i) {
        turned_first.of[i] = first.of[i] * cosine.of[i] - second.of[i] * sine.of[i];
        turned_second.of[i] = second.of[i] * cosine.of[i] + first.of[i] * sine.of[i];
      }
      store(arrays.to + place, turned_first);
      store(arrays.to + place + arrays.half, turned_second);
    }
    __syncthreads();  // before the next row's angles
  }
}

template <typename T, int kWidth>
cudaError_t launch(const RotationArrays<T>& arrays, cudaStream_t stream) {
  const int threads =
      threads_for_row(std::int64_t{arrays.heads} * (arrays.half / kWidth), kBlockThreads);
  rotation_kernel<T, kWidth><<<blocks_for(arrays.rows, 1), threads, 0, stream>>>(arrays);
  return cudaGetLastError();
}

}  // namespace

template <typename T>
cudaError_t launch_rotation(const RotationArrays<T>& arrays, cudaStream_t stream) {
  constexpr int kWidth = kFullWidth<T>;
  if (arrays.rows == 0) return cudaSuccess;
  const bool whole =
      arrays.half % kWidth == 0 && is_aligned(arrays.from, kWidth) && is_aligned(arrays.to, kWidth);
  return whole ? launch<T, kWidth>(arrays, stream) : launch<T, 1>(arrays, stream);
}

template cudaError_t launch_rotation(const RotationArrays<float>&, cudaStream_t);
template cudaError_t launch_rotation(const RotationArrays<__nv_bfloat16>&, cudaStream_t);

}  // namespace galvatron
