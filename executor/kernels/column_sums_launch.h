#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

namespace galvatron {

template <typename T>
struct ColumnSumArrays {
  const T* rows = nullptr;
  float* partials = nullptr;  // [blocks, columns]
  float* sums = nullptr;
  std::int64_t count = 0;  // of rows
  std::int64_t columns = 0;
  std::int64_t stride = 0;  // elements from row to row
  int blocks = 0;
};

// For float and __nv_bfloat16.
template <typename T>
cudaError_t launch_column_sums(const ColumnSumArrays<T>& arrays, cudaStream_t stream);

// Blocks that so many rows are cut into on the current device: a few for each multiprocessor,
// whatever the columns.
cudaError_t column_sum_blocks(std::int64_t rows, std::int64_t columns, int* blocks);

}  // namespace galvatron
