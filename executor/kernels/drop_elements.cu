// One thread per block of four random words and the elements that they decide on.
#include "executor/kernels/drop_elements_launch.h"
#include "executor/kernels/element.h"
#include "executor/kernels/grid.h"
#include "executor/random/philox.h"

namespace galvatron {
namespace {

constexpr int kLanes = 4;

__device__ PhiloxBlock words_of(const ElementDraw& draw, std::uint64_t block) {
  const auto low = [](std::uint64_t value) { return static_cast<std::uint32_t>(value); };
  const auto high = [](std::uint64_t value) { return static_cast<std::uint32_t>(value >> 32); };
  return philox({low(block), high(block), low(draw.name), high(draw.name)},
                {low(draw.seed), high(draw.seed)});
}

__device__ float decided(const ElementDraw& draw, std::uint32_t word, float value) {
  return word < draw.threshold ? 0.0F : value * draw.scale;
}

// Blocks of words that a row may reach into.
__host__ __device__ std::int64_t blocks_per_row(const DropShape& shape) {
  return (shape.columns + 2 * (kLanes - 1)) / kLanes;
}

template <typename T>
__global__ void __launch_bounds__(kBlockThreads)
    drop_kernel(T* values, DropShape shape, ElementDraw draw) {
  const std::int64_t per_row = blocks_per_row(shape);
  const std::int64_t stride = std::int64_t{gridDim.x} * blockDim.x;
  for (std::int64_t item = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
       item < shape.rows * per_row; item += stride) {
    const std::int64_t row = item / per_row;
    const std::int64_t start = draw.first + row * draw.stride;
    const std::int64_t block = start / kLanes + item % per_row;
    const std::int64_t column = block * kLanes - start;  // of word 0; negative before the row
    const PhiloxBlock words = words_of(draw, static_cast<std::uint64_t>(block));
    T* own = values + row * shape.columns;
#pragma unroll
    for (int lane = 0; lane < kLanes; ++lane) {
      const std::int64_t place = column + lane;
      if (place < 0 || place >= shape.columns) continue;
      own[place] = from_float<T>(decided(draw, words[lane], to_float(own[place])));
    }
  }
}

}  // namespace

template <typename T>
cudaError_t launch_drop(T* values, const DropShape& shape, const ElementDraw& draw,
                        cudaStream_t stream) {
  if (shape.rows * shape.columns == 0) return cudaSuccess;
  const unsigned blocks = blocks_for(shape.rows * blocks_per_row(shape), kBlockThreads);
  drop_kernel<<<blocks, kBlockThreads, 0, stream>>>(values, shape, draw);
  return cudaGetLastError();
}

template cudaError_t launch_drop(float*, const DropShape&, const ElementDraw&, cudaStream_t);
template cudaError_t launch_drop(__nv_bfloat16*, const DropShape&, const ElementDraw&,
                                 cudaStream_t);

}  // namespace galvatron
