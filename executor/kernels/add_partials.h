// For .cu files: the second step of sums over many rows, whose first left one row of partial sums
// per block. Two steps without atomics are the same in every run.
#pragma once

#include "executor/kernels/block_sum.h"
#include "executor/kernels/grid.h"

namespace galvatron {

// sums[i][column] += the sum of partials[., i, column].
struct PartialSums {
  const float* partials = nullptr;  // [blocks, count, columns]
  float* sums[2] = {};              // the first `count`, each [columns]
  int count = 1;
  std::int64_t columns = 0;
  int blocks = 0;
};

inline constexpr int kPartialRows = 8;  // that one thread block reads at the same time

// Grid [columns / 32, count].
static __global__ void add_partials_kernel(PartialSums what) {
  __shared__ float of_rows[kPartialRows][kWarp];
  const std::int64_t column = std::int64_t{blockIdx.x} * kWarp + threadIdx.x;
  const std::int64_t stride = what.count * what.columns;
  const float* partials = what.partials + blockIdx.y * what.columns + column;
  float sum = 0;
  if (column < what.columns) {
    for (int block = static_cast<int>(threadIdx.y); block < what.blocks; block += kPartialRows) {
      sum += partials[block * stride];
    }
  }
  of_rows[threadIdx.y][threadIdx.x] = sum;
  __syncthreads();
  if (threadIdx.y > 0 || column >= what.columns) return;
  for (int row = 1; row < kPartialRows; ++row) sum += of_rows[row][threadIdx.x];
  (blockIdx.y == 0 ? what.sums[0] : what.sums[1])[column] += sum;
}

inline cudaError_t add_partials(const PartialSums& what, cudaStream_t stream) {
  const dim3 grid(blocks_for(what.columns, kWarp), static_cast<unsigned>(what.count));
  add_partials_kernel<<<grid, dim3(kWarp, kPartialRows), 0, stream>>>(what);
  return cudaGetLastError();
}

}  // namespace galvatron
