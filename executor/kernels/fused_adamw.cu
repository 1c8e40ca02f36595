#include "executor/kernels/element.h"
#include "executor/kernels/fused_adamw_launch.h"
#include "executor/kernels/grid.h"

namespace galvatron {
namespace {

template <int kWidth>
__device__ void update(const AdamWArrays& arrays, const AdamWFactors& factors, std::int64_t first) {
  Pack<float, kWidth> weights = load<kWidth>(arrays.weights + first);
  const Pack<float, kWidth> gradient = load<kWidth>(arrays.gradient + first);
  Pack<float, kWidth> mean = load<kWidth>(arrays.first_moment + first);
  Pack<float, kWidth> square = load<kWidth>(arrays.second_moment + first);
#pragma unroll
  for (int i = 0; i < kWidth; ++i) {
    const float g = gradient.of[i];
    mean.of[i] = factors.beta1 * mean.of[i] + factors.rest1 * g;
    square.of[i] = factors.beta2 * square.of[i] + factors.rest2 * g * g;
    const float root = sqrtf(square.of[i]) * factors.root_scale + factors.epsilon;
    weights.of[i] = factors.kept * weights.of[i] - factors.step_size * mean.of[i] / root;
  }
  store(arrays.weights + first, weights);
  store(arrays.first_moment + first, mean);
  store(arrays.second_moment + first, square);
  store(arrays.gradient + first, Pack<float, kWidth>{});
  if (arrays.copy != nullptr) store(arrays.copy + first, weights);
}

template <int kWidth>
__global__ void __launch_bounds__(kBlockThreads)
    adamw_kernel(AdamWArrays arrays, AdamWFactors factors) {
  const std::int64_t stride = std::int64_t{gridDim.x} * blockDim.x * kWidth;
  std::int64_t first = (std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x) * kWidth;
  for (; first + kWidth <= arrays.elements; first += stride) update<kWidth>(arrays, factors, first);
  // What is left of less than a pack: at most one thread's.
  for (; first < arrays.elements; ++first) update<1>(arrays, factors, first);
}

template <int kWidth>
cudaError_t launch(const AdamWArrays& arrays, const AdamWFactors& factors, cudaStream_t stream) {
  const unsigned blocks = blocks_for(arrays.elements, std::int64_t{kBlockThreads} * kWidth);
  adamw_kernel<kWidth><<<blocks, kBlockThreads, 0, stream>>>(arrays, factors);
  return cudaGetLastError();
}

}  // namespace

cudaError_t launch_adamw(const AdamWArrays& arrays, const AdamWFactors& factors,
                         cudaStream_t stream) {
  constexpr int kWidth = kFullWidth<float>;
  if (arrays.elements == 0) return cudaSuccess;
  const bool aligned = is_aligned(arrays.weights, kWidth) && is_aligned(arrays.gradient, kWidth) &&
                       is_aligned(arrays.first_moment, kWidth) &&
                       is_aligned(arrays.second_moment, kWidth) && is_aligned(arrays.copy, kWidth);
  return aligned ? launch<kWidth>(arrays, factors, stream) : launch<1>(arrays, factors, stream);
}

}  // namespace galvatron
