#include "executor/kernels/element.h"
#include "executor/kernels/fused_activation_launch.h"
#include "executor/kernels/grid.h"

namespace galvatron {
namespace {

struct ValueAndSlope {
  float value;
  float slope;
};

// 1 / (1 + e^-x) to a few units of fp32's last place; 0 and 1 far out.
__device__ float sigmoid(float x) { return __fdividef(1.0F, 1.0F + __expf(-x)); }

// x/2 (1 + tanh u) = x sigmoid(2u), u = sqrt(2/pi) (x + 0.044715 x^3).
__device__ ValueAndSlope gelu_tanh(float x) {
  constexpr float kTwiceRoot = 1.5957691216F;  // 2 sqrt(2/pi)
  constexpr float kCubic = 0.044715F;
  const float share = sigmoid(kTwiceRoot * x * (1.0F + kCubic * x * x));
  const float inner_slope = kTwiceRoot * (1.0F + 3.0F * kCubic * x * x);
  return {x * share, share + x * share * (1.0F - share) * inner_slope};
}

__device__ ValueAndSlope gelu_erf(float x) {
  constexpr float kRootHalf = 0.70710678119F;
  constexpr float kDensityAtZero = 0.39894228040F;
  const float share = 0.5F * (1.0F + erff(x * kRootHalf));
  return {x * share, share + x * kDensityAtZero * __expf(-0.5F * x * x)};
}

__device__ ValueAndSlope silu(float x) {
  const float share = sigmoid(x);
  return {x * share, share * (1.0F + x * (1.0F - share))};
}

// The switch is the same for all threads and costs nothing beside the memory.
__device__ ValueAndSlope evaluate(Activation activation, float x) {
  switch (activation) {
    case Activation::gelu_tanh:
      return gelu_tanh(x);
    case Activation::gelu_erf:
      return gelu_erf(x);
    case Activation::relu:
      return {x < 0.0F ? 0.0F : x, x > 0.0F ? 1.0F : 0.0F};
    case Activation::silu:
      return silu(x);
  }
  return {};
}

template <int kWidth, typename T>
__device__ void forward(Activation activation, const ActivationArrays<T>& arrays,
                        std::int64_t first) {
  Pack<float, kWidth> result = load<kWidth>(arrays.input + first);
#pragma unroll
  for (int i = 0; i < kWidth; ++i) result.of[i] = evaluate(activation, result.of[i]).value;
  if (arrays.up != nullptr) {
    const Pack<float, kWidth> up = load<kWidth>(arrays.up + first);
#pragma unroll
    for (int i = 0; i < kWidth; ++i) result.of[i] *= up.of[i];
  }
  store(arrays.result + first, result);
}

template <int kWidth, typename T>
__device__ void backward(Activation activation, const ActivationArrays<T>& arrays,
                         std::int64_t first) {
  const Pack<float, kWidth> input = load<kWidth>(arrays.input + first);
  const Pack<float, kWidth> gradient = load<kWidth>(arrays.gradient + first);
  Pack<float, kWidth> result;
  Pack<float, kWidth> of_up;
#pragma unroll
  for (int i = 0; i < kWidth; ++i) {
    const ValueAndSlope function = evaluate(activation, input.of[i]);
    result.of[i] = gradient.of[i] * function.slope;
    of_up.of[i] = gradient.of[i] * function.value;
  }
  if (arrays.up != nullptr) {
    const Pack<float, kWidth> up = load<kWidth>(arrays.up + first);
#pragma unroll
    for (int i = 0; i < kWidth; ++i) result.of[i] *= up.of[i];
    store(arrays.up_gradient + first, of_up);
  }
  store(arrays.result + first, result);
}

template <typename T, int kWidth, bool kForward>
__global__ void __launch_bounds__(kBlockThreads)
    activation_kernel(Activation activation, ActivationArrays<T> arrays) {
  const auto work = [&]<int kOwn>(std::int64_t first) {
    if constexpr (kForward) {
      forward<kOwn>(activation, arrays, first);
    } else {
      backward<kOwn>(activation, arrays, first);
    }
  };
  const std::int64_t stride = std::int64_t{gridDim.x} * blockDim.x * kWidth;
  std::int64_t first = (std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x) * kWidth;
  for (; first + kWidth <= arrays.elements; first += stride) {
    work.template operator()<kWidth>(first);
  }
  // What is left of less than a pack: at most one thread's.
  for (; first < arrays.elements; ++first) work.template operator()<1>(first);
}

template <typename T, int kWidth>
cudaError_t launch(Activation activation, const ActivationArrays<T>& arrays, cudaStream_t stream) {
  const unsigned blocks = blocks_for(arrays.elements, std::int64_t{kBlockThreads} * kWidth);
  if (arrays.gradient == nullptr) {
    activation_kernel<T, kWidth, true><<<blocks, kBlockThreads, 0, stream>>>(activation, arrays);
  } else {
    activation_kernel<T, kWidth, false><<<blocks, kBlockThreads, 0, stream>>>(activation, arrays);
  }
  return cudaGetLastError();
}

}  // namespace

template <typename T>
cudaError_t launch_activation(Activation activation, const ActivationArrays<T>& arrays,
                              cudaStream_t stream) {
  constexpr int kWidth = kFullWidth<T>;
  if (arrays.elements == 0) return cudaSuccess;
  const bool aligned = is_aligned(arrays.input, kWidth) && is_aligned(arrays.up, kWidth) &&
                       is_aligned(arrays.gradient, kWidth) && is_aligned(arrays.result, kWidth) &&
                       is_aligned(arrays.up_gradient, kWidth);
  return aligned ? launch<T, kWidth>(activation, arrays, stream)
                 : launch<T, 1>(activation, arrays, stream);
}

template cudaError_t launch_activation(Activation, const ActivationArrays<float>&, cudaStream_t);
template cudaError_t launch_activation(Activation, const ActivationArrays<__nv_bfloat16>&,
                                       cudaStream_t);

}  // namespace galvatron
