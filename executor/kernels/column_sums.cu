// A thread sums a pack of columns over the rows of its warp, then its block adds up its warps, then
// the blocks are added up. Each thread reads several rows before it adds one, so that enough of
// them are under way to fill the memory's bandwidth.
#include <algorithm>

#include "executor/kernels/add_partials.h"
#include "executor/kernels/block_sum.h"
#include "executor/kernels/column_sums_launch.h"
#include "executor/kernels/element.h"
#include "executor/kernels/grid.h"

namespace galvatron {
namespace {

constexpr int kWarps = 8;
constexpr int kRowsAtOnce = 4;
constexpr int kBlocksPerMultiprocessor = 8;  // all that fit

template <int kRows, int kWidth, typename T>
__device__ void add_packs(Pack<float, kWidth>& sum, const T* first, std::int64_t distance) {
  Pack<float, kWidth> values[kRows];
#pragma unroll
  for (int row = 0; row < kRows; ++row) values[row] = load<kWidth>(first + row * distance);
#pragma unroll
  for (int row = 0; row < kRows; ++row) {
#pragma unroll
    for (int i = 0; i < kWidth; ++i) sum.of[i] += values[row].of[i];
  }
}

// Of this thread's rows: every (blocks x warps)th.
template <int kWidth, typename T>
__device__ Pack<float, kWidth> sum_of_rows(const ColumnSumArrays<T>& arrays, std::int64_t column) {
  const std::int64_t step = std::int64_t{gridDim.y} * kWarps;
  const T* const from = arrays.rows + column;
  Pack<float, kWidth> sum{};
  std::int64_t row = std::int64_t{blockIdx.y} * kWarps + threadIdx.y;
  for (; row + (kRowsAtOnce - 1) * step < arrays.count; row += kRowsAtOnce * step) {
    add_packs<kRowsAtOnce>(sum, from + row * arrays.stride, step * arrays.stride);
  }
  for (; row < arrays.count; row += step) add_packs<1>(sum, from + row * arrays.stride, 0);
  return sum;
}

// Grid [columns / (32 kWidth), blocks of rows].
template <typename T, int kWidth>
__global__ void __launch_bounds__(kWarp* kWarps) partials_kernel(ColumnSumArrays<T> arrays) {
  constexpr int kColumns = kWarp * kWidth;
  __shared__ __align__(32) float of_warps[kWarps][kColumns];
  const std::int64_t first = std::int64_t{blockIdx.x} * kColumns;
  const int own = static_cast<int>(threadIdx.x) * kWidth;
  Pack<float, kWidth> sum{};
  if (first + own < arrays.columns) sum = sum_of_rows<kWidth>(arrays, first + own);
  store(&of_warps[threadIdx.y][own], sum);
  __syncthreads();
  const int column = static_cast<int>(threadIdx.y) * kWarp + static_cast<int>(threadIdx.x);
  if (column >= kColumns || first + column >= arrays.columns) return;
  float total = 0;
#pragma unroll
  for (int warp = 0; warp < kWarps; ++warp) total += of_warps[warp][column];
  arrays.partials[blockIdx.y * arrays.columns + first + column] = total;
}

template <typename T, int kWidth>
cudaError_t launch(const ColumnSumArrays<T>& arrays, cudaStream_t stream) {
  static_assert(kWidth <= kWarps, "one thread for each column");
  const dim3 grid(blocks_for(arrays.columns, kWarp * kWidth), static_cast<unsigned>(arrays.blocks));
  partials_kernel<T, kWidth><<<grid, dim3(kWarp, kWarps), 0, stream>>>(arrays);
  if (const cudaError_t error = cudaGetLastError(); error != cudaSuccess) return error;
  return add_partials({.partials = arrays.partials,
                       .sums = {arrays.sums},
                       .columns = arrays.columns,
                       .blocks = arrays.blocks},
                      stream);
}

}  // namespace

template <typename T>
cudaError_t launch_column_sums(const ColumnSumArrays<T>& arrays, cudaStream_t stream) {
  constexpr int kWidth = kFullWidth<T>;
  const bool whole = arrays.columns % kWidth == 0 && arrays.stride % kWidth == 0 &&
                     is_aligned(arrays.rows, kWidth);
  return whole ? launch<T, kWidth>(arrays, stream) : launch<T, 1>(arrays, stream);
}

cudaError_t column_sum_blocks(std::int64_t rows, std::int64_t columns, int* blocks) {
  int multiprocessors = 0;
  const cudaError_t error = count_multiprocessors(&multiprocessors);
  const std::int64_t beside = (columns + kWarp * kWarps - 1) / (kWarp * kWarps);
  const std::int64_t wanted = kBlocksPerMultiprocessor * multiprocessors / beside;
  const std::int64_t most = (rows + kWarps - 1) / kWarps;
  *blocks = static_cast<int>(std::clamp<std::int64_t>(wanted, 1, most));
  return error;
}

template cudaError_t launch_column_sums(const ColumnSumArrays<float>&, cudaStream_t);
template cudaError_t launch_column_sums(const ColumnSumArrays<__nv_bfloat16>&, cudaStream_t);

}  // namespace galvatron
