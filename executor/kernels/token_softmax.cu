// One block per row. A vocabulary is often odd, so that rows may begin anywhere: each is cut into
// what comes before the first multiple of 16 bytes, whole packs, and what is left.
#include <cmath>

#include "executor/kernels/block_sum.h"
#include "executor/kernels/element.h"
#include "executor/kernels/grid.h"
#include "executor/kernels/token_softmax_launch.h"

namespace galvatron {
namespace {

constexpr int kRowThreads = 512;

struct OnlineSum {
  float largest = -INFINITY;
  float sum = 0;  // of exp(value - largest)
};

// No exponent is taken of the difference of two infinities.
__device__ OnlineSum merged(const OnlineSum& left, const OnlineSum& right) {
  const float largest = fmaxf(left.largest, right.largest);
  if (largest == -INFINITY) return {};
  return {largest,
          left.sum * __expf(left.largest - largest) + right.sum * __expf(right.largest - largest)};
}

__device__ OnlineSum merged_over_warp(OnlineSum own) {
#pragma unroll
  for (int distance = kWarp / 2; distance > 0; distance /= 2) {
    own = merged(own, {__shfl_xor_sync(kWholeWarp, own.largest, distance),
                       __shfl_xor_sync(kWholeWarp, own.sum, distance)});
  }
  return own;
}

// Thread 0 gets the block's.
__device__ OnlineSum merged_over_block(OnlineSum own) {
  __shared__ float largest[kWarp];
  __shared__ float sum[kWarp];
  const int lane = static_cast<int>(threadIdx.x) % kWarp;
  const int warp = static_cast<int>(threadIdx.x) / kWarp;
  __syncthreads();  // after the last row's reads
  own = merged_over_warp(own);
  if (lane == 0) {
    largest[warp] = own.largest;
    sum[warp] = own.sum;
  }
  __syncthreads();
  if (warp > 0) return own;
  const bool has_warp = lane < static_cast<int>(blockDim.x) / kWarp;
  return merged_over_warp(has_warp ? OnlineSum{largest[lane], sum[lane]} : OnlineSum{});
}

// Calls single(i) and packed(i) for this thread's part of elements [0, count) at `row`; a pack is
// kFullWidth<T> elements.
template <typename T, typename Single, typename Packed>
__device__ void for_own_elements(const T* row, std::int64_t count, const Single& single,
                                 const Packed& packed) {
  constexpr int kWidth = kFullWidth<T>;
  const auto behind = static_cast<std::int64_t>(reinterpret_cast<std::uintptr_t>(row) % 16);
  const std::int64_t before = behind == 0 ? 0 : (16 - behind) / std::int64_t{sizeof(T)};
  const std::int64_t head = before < count ? before : count;
  const std::int64_t packs_end = head + (count - head) / kWidth * kWidth;
  const std::int64_t thread = threadIdx.x;
  if (thread < head) single(thread);
  for (std::int64_t i = head + thread * kWidth; i < packs_end;
       i += std::int64_t{blockDim.x} * kWidth) {
    packed(i);
  }
  if (packs_end + thread < count) single(packs_end + thread);
}

template <int kWidth>
__device__ OnlineSum sum_of(const Pack<float, kWidth>& values) {
  OnlineSum result;
#pragma unroll
  for (int i = 0; i < kWidth; ++i) result.largest = fmaxf(result.largest, values.of[i]);
  if (result.largest == -INFINITY) return result;
#pragma unroll
  for (int i = 0; i < kWidth; ++i) result.sum += __expf(values.of[i] - result.largest);
  return result;
}

template <typename T>
__global__ void __launch_bounds__(kRowThreads)
    statistics_kernel(const T* logits, LogitShape shape, StatisticsArrays arrays) {
  for (std::int64_t row = blockIdx.x; row < shape.rows; row += gridDim.x) {
    const T* own = logits + row * shape.stride;
    OnlineSum sum;
    for_own_elements(
        own, shape.tokens, [&](std::int64_t i) { sum = merged(sum, sum_of(load<1>(own + i))); },
        [&](std::int64_t i) { sum = merged(sum, sum_of(load<kFullWidth<T>>(own + i))); });
    sum = merged_over_block(sum);
    if (threadIdx.x > 0) continue;
    const std::int64_t column = arrays.targets[row] - shape.first_token;
    const bool inside = column >= 0 && column < shape.tokens;
    arrays.largest[row] = sum.largest;
    arrays.sum[row] = sum.sum;
    arrays.target[row] = inside ? to_float(own[column]) : 0.0F;
  }
}

template <typename T>
__global__ void __launch_bounds__(kRowThreads)
    gradient_kernel(T* logits, LogitShape shape, GradientArrays arrays) {
  const float upstream = *arrays.upstream * arrays.factor;
  for (std::int64_t row = blockIdx.x; row < shape.rows; row += gridDim.x) {
    T* own = logits + row * shape.stride;
    const std::int64_t target = arrays.targets[row] - shape.first_token;
    const bool counts = arrays.targets[row] != arrays.ignored;
    const float largest = arrays.largest[row];
    const float share = upstream / arrays.sum[row];
    const auto gradient_at = [&](std::int64_t column, float logit) {
      if (!counts || column >= shape.tokens) return 0.0F;
      return __expf(logit - largest) * share - (column == target ? upstream : 0.0F);
    };
    const auto write = [&]<int kWidth>(std::int64_t first) {
      Pack<float, kWidth> values = load<kWidth>(own + first);
#pragma unroll
      for (int i = 0; i < kWidth; ++i) values.of[i] = gradient_at(first + i, values.of[i]);
      store(own + first, values);
    };
    for_own_elements(
        own, shape.columns, [&](std::int64_t i) { write.template operator()<1>(i); },
        [&](std::int64_t i) { write.template operator()<kFullWidth<T>>(i); });
  }
}

}  // namespace

template <typename T>
cudaError_t launch_statistics(const T* logits, const LogitShape& shape,
                              const StatisticsArrays& arrays, cudaStream_t stream) {
  if (shape.rows == 0) return cudaSuccess;
  statistics_kernel<<<blocks_for(shape.rows, 1), kRowThreads, 0, stream>>>(logits, shape, arrays);
  return cudaGetLastError();
}

template <typename T>
cudaError_t launch_gradient(T* logits, const LogitShape& shape, const GradientArrays& arrays,
                            cudaStream_t stream) {
  if (shape.rows == 0) return cudaSuccess;
  gradient_kernel<<<blocks_for(shape.rows, 1), kRowThreads, 0, stream>>>(logits, shape, arrays);
  return cudaGetLastError();
}

template cudaError_t launch_statistics(const float*, const LogitShape&, const StatisticsArrays&,
                                       cudaStream_t);
template cudaError_t launch_statistics(const __nv_bfloat16*, const LogitShape&,
                                       const StatisticsArrays&, cudaStream_t);
template cudaError_t launch_gradient(float*, const LogitShape&, const GradientArrays&,
                                     cudaStream_t);
template cudaError_t launch_gradient(__nv_bfloat16*, const LogitShape&, const GradientArrays&,
                                     cudaStream_t);

}  // namespace galvatron
