// One block of threads works on one row at a time. A row is read again for each use of it; but for
// the first time it comes out of the first-level cache.
#include <algorithm>

#include "executor/kernels/add_partials.h"
#include "executor/kernels/block_sum.h"
#include "executor/kernels/element.h"
#include "executor/kernels/fused_norm_launch.h"
#include "executor/kernels/grid.h"

namespace galvatron {
namespace {

constexpr int kMostThreads = 512;
constexpr int kBlocksPerMultiprocessor = 4;

// Calls use(column, pack of the row) for this thread's packs.
template <int kWidth, typename T, typename Use>
__device__ void for_own_packs(const T* row, std::int64_t columns, const Use& use) {
  for (std::int64_t column = std::int64_t{threadIdx.x} * kWidth; column < columns;
       column += std::int64_t{blockDim.x} * kWidth) {
    use(column, load<kWidth>(row + column));
  }
}

template <bool kCentered, int kWidth, typename T>
__device__ float mean_of(const T* row, std::int64_t columns) {
  if constexpr (!kCentered) return 0;
  Sums<1> sum{};
  for_own_packs<kWidth>(row, columns, [&](std::int64_t, const Pack<float, kWidth>& values) {
#pragma unroll
    for (int i = 0; i < kWidth; ++i) sum.of[0] += values.of[i];
  });
  return block_sums(sum).of[0] / static_cast<float>(columns);
}

template <int kWidth, typename T>
__device__ float mean_square_from(float mean, const T* row, std::int64_t columns) {
  Sums<1> sum{};
  for_own_packs<kWidth>(row, columns, [&](std::int64_t, const Pack<float, kWidth>& values) {
#pragma unroll
    for (int i = 0; i < kWidth; ++i) {
      sum.of[0] += (values.of[i] - mean) * (values.of[i] - mean);
    }
  });
  return block_sums(sum).of[0] / static_cast<float>(columns);
}

template <typename T, int kWidth, bool kCentered>
__global__ void __launch_bounds__(kMostThreads) forward_kernel(NormForwardArrays<T> arrays) {
  for (std::int64_t row = blockIdx.x; row < arrays.rows; row += gridDim.x) {
    const T* input = arrays.input + row * arrays.columns;
    T* output = arrays.output + row * arrays.columns;
    const float mean = mean_of<kCentered, kWidth>(input, arrays.columns);
    const float scale =
        rsqrtf(mean_square_from<kWidth>(mean, input, arrays.columns) + arrays.epsilon);
    for_own_packs<kWidth>(
        input, arrays.columns, [&](std::int64_t column, const Pack<float, kWidth>& values) {
          const Pack<float, kWidth> weight = load<kWidth>(arrays.weight + column);
          Pack<float, kWidth> bias{};
          if constexpr (kCentered) bias = load<kWidth>(arrays.bias + column);
          Pack<float, kWidth> result;
#pragma unroll
          for (int i = 0; i < kWidth; ++i) {
            result.of[i] = (values.of[i] - mean) * scale * weight.of[i] + bias.of[i];
          }
          store(output + column, result);
        });
    if (threadIdx.x == 0) {
      if constexpr (kCentered) arrays.mean[row] = mean;
      arrays.scale[row] = scale;
    }
  }
}

// With x' = (x - mean) scale and g = dy w: dx = scale (g - x' mean(g x') - mean(g)), without the
// last term for RMS norm; dw = sum over rows of dy x', db = sum over rows of dy.
template <typename T, int kWidth, bool kCentered>
class RowBackward {
 public:
  using Values = Pack<float, kWidth>;

  // `sums`: the block's, [columns] of the weight and then of the bias; each thread has its columns.
  __device__ RowBackward(const NormBackwardArrays<T>& arrays, float* sums, std::int64_t row)
      : arrays_(arrays),
        sums_(sums),
        first_(row * arrays.columns),
        mean_(kCentered ? arrays.mean[row] : 0),
        scale_(arrays.scale[row]) {}

  __device__ void run() const {
    const Sums<2> inner = block_sums(add_to_sums());
    const float along_input = inner.of[0] / static_cast<float>(arrays_.columns);
    const float along_one = kCentered ? inner.of[1] / static_cast<float>(arrays_.columns) : 0;
    for_own_packs<kWidth>(
        arrays_.input + first_, arrays_.columns, [&](std::int64_t column, const Values& input) {
          const Values gradient = load<kWidth>(arrays_.gradient + first_ + column);
          const Values weight = load<kWidth>(arrays_.weight + column);
          Values result{};
          if (arrays_.residual != nullptr) {
            result = load<kWidth>(arrays_.residual + first_ + column);
          }
#pragma unroll
          for (int i = 0; i < kWidth; ++i) {
            result.of[i] += scale_ * (gradient.of[i] * weight.of[i] -
                                      normalized(input.of[i]) * along_input - along_one);
          }
          store(arrays_.input_gradient + first_ + column, result);
        });
  }

 private:
  __device__ float normalized(float input) const { return (input - mean_) * scale_; }

  // Adds the row to the sums of the weights, and returns this thread's part of g x' and g.
  __device__ Sums<2> add_to_sums() const {
    Sums<2> inner{};
    for_own_packs<kWidth>(
        arrays_.input + first_, arrays_.columns, [&](std::int64_t column, const Values& input) {
          const Values gradient = load<kWidth>(arrays_.gradient + first_ + column);
          const Values weight = load<kWidth>(arrays_.weight + column);
          Values along;
#pragma unroll
          for (int i = 0; i < kWidth; ++i) {
            along.of[i] = gradient.of[i] * normalized(input.of[i]);
            inner.of[0] += along.of[i] * weight.of[i];
            inner.of[1] += gradient.of[i] * weight.of[i];
          }
          add(sums_ + column, along);
          if constexpr (kCentered) add(sums_ + arrays_.columns + column, gradient);
        });
    return inner;
  }

  static __device__ void add(float* sums, const Values& values) {
    Values result = load<kWidth>(sums);
#pragma unroll
    for (int i = 0; i < kWidth; ++i) result.of[i] += values.of[i];
    store(sums, result);
  }

  const NormBackwardArrays<T>& arrays_;
  float* sums_;
  std::int64_t first_;
  float mean_;
  float scale_;
};

template <typename T, int kWidth, bool kCentered>
__global__ void __launch_bounds__(kMostThreads) backward_kernel(NormBackwardArrays<T> arrays) {
  extern __shared__ __align__(32) float sums[];
  const std::int64_t count = (kCentered ? 2 : 1) * arrays.columns;
  // The columns that this thread sums up, here and in RowBackward alike: no other touches its sums.
  const auto for_own_sums = [&](const auto& use) {
    for (std::int64_t first = 0; first < count; first += arrays.columns) {
      for_own_packs<kWidth>(sums + first, arrays.columns,
                            [&](std::int64_t column, const Pack<float, kWidth>& values) {
                              use(first + column, values);
                            });
    }
  };
  for_own_sums([&](std::int64_t place, const Pack<float, kWidth>&) {
    store(sums + place, Pack<float, kWidth>{});
  });
  for (std::int64_t row = blockIdx.x; row < arrays.rows; row += gridDim.x) {
    RowBackward<T, kWidth, kCentered>(arrays, sums, row).run();
  }
  for_own_sums([&](std::int64_t place, const Pack<float, kWidth>& values) {
    store(arrays.partials + blockIdx.x * count + place, values);
  });
}

template <typename T, int kWidth, bool kCentered>
cudaError_t launch_forward(const NormForwardArrays<T>& arrays, cudaStream_t stream) {
  const int threads = threads_for_row(arrays.columns / kWidth, kMostThreads);
  forward_kernel<T, kWidth, kCentered><<<blocks_for(arrays.rows, 1), threads, 0, stream>>>(arrays);
  return cudaGetLastError();
}

template <typename T, int kWidth, bool kCentered>
cudaError_t launch_backward(const NormBackwardArrays<T>& arrays, cudaStream_t stream) {
  constexpr int kWeights = kCentered ? 2 : 1;
  const auto kernel = backward_kernel<T, kWidth, kCentered>;
  const auto shared = static_cast<int>(kWeights * arrays.columns * sizeof(float));
  // More than 48 KiB has to be asked for; more than the device has is refused here.
  const cudaError_t room =
      cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, shared);
  if (room != cudaSuccess) return room;
  const int threads = threads_for_row(arrays.columns / kWidth, kMostThreads);
  kernel<<<static_cast<unsigned>(arrays.blocks), threads, static_cast<std::size_t>(shared),
           stream>>>(arrays);
  if (const cudaError_t error = cudaGetLastError(); error != cudaSuccess) return error;
  return add_partials({.partials = arrays.partials,
                       .sums = {arrays.weight_gradient, arrays.bias_gradient},
                       .count = kWeights,
                       .columns = arrays.columns,
                       .blocks = arrays.blocks},
                      stream);
}

}  // namespace

template <typename T>
cudaError_t launch_norm_forward(const NormForwardArrays<T>& arrays, cudaStream_t stream) {
  constexpr int kWidth = kFullWidth<T>;
  if (arrays.rows == 0) return cudaSuccess;
  const bool whole = arrays.columns % kWidth == 0 && is_aligned(arrays.input, kWidth) &&
                     is_aligned(arrays.weight, kWidth) && is_aligned(arrays.bias, kWidth) &&
                     is_aligned(arrays.output, kWidth);
  if (arrays.bias == nullptr) {
    return whole ? launch_forward<T, kWidth, false>(arrays, stream)
                 : launch_forward<T, 1, false>(arrays, stream);
  }
  return whole ? launch_forward<T, kWidth, true>(arrays, stream)
               : launch_forward<T, 1, true>(arrays, stream);
}

template <typename T>
cudaError_t launch_norm_backward(const NormBackwardArrays<T>& arrays, cudaStream_t stream) {
  constexpr int kWidth = kFullWidth<T>;
  if (arrays.rows == 0) return cudaSuccess;
  const bool whole = arrays.columns % kWidth == 0 && is_aligned(arrays.input, kWidth) &&
                     is_aligned(arrays.weight, kWidth) && is_aligned(arrays.gradient, kWidth) &&
                     is_aligned(arrays.residual, kWidth) &&
                     is_aligned(arrays.input_gradient, kWidth);
  if (arrays.mean == nullptr) {
    return whole ? launch_backward<T, kWidth, false>(arrays, stream)
                 : launch_backward<T, 1, false>(arrays, stream);
  }
  return whole ? launch_backward<T, kWidth, true>(arrays, stream)
               : launch_backward<T, 1, true>(arrays, stream);
}

cudaError_t norm_backward_blocks(std::int64_t rows, int* blocks) {
  int multiprocessors = 0;
  const cudaError_t error = count_multiprocessors(&multiprocessors);
  *blocks = static_cast<int>(
      std::min<std::int64_t>(rows, std::int64_t{kBlocksPerMultiprocessor} * multiprocessors));
  return error;
}

template cudaError_t launch_norm_forward(const NormForwardArrays<float>&, cudaStream_t);
template cudaError_t launch_norm_forward(const NormForwardArrays<__nv_bfloat16>&, cudaStream_t);
template cudaError_t launch_norm_backward(const NormBackwardArrays<float>&, cudaStream_t);
template cudaError_t launch_norm_backward(const NormBackwardArrays<__nv_bfloat16>&, cudaStream_t);

}  // namespace galvatron
