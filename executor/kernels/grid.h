// How many blocks of threads a kernel is launched with.
#pragma once

#include <cuda_runtime_api.h>

#include <algorithm>
#include <cstdint>
#include <limits>

namespace galvatron {

inline constexpr int kBlockThreads = 256;

// One block per `per_block` items. Kernels step over the grid, so that the limit of a grid's size
// is none of theirs.
inline unsigned blocks_for(std::int64_t items, std::int64_t per_block) {
  const std::int64_t blocks = (items + per_block - 1) / per_block;
  return static_cast<unsigned>(
      std::min<std::int64_t>(blocks, std::numeric_limits<std::int32_t>::max()));
}

// Of the current device.
inline cudaError_t count_multiprocessors(int* count) {
  int device = 0;
  if (const cudaError_t error = cudaGetDevice(&device); error != cudaSuccess) return error;
  return cudaDeviceGetAttribute(count, cudaDevAttrMultiProcessorCount, device);
}

// Threads for a row of so many items: whole warps, at most `most`.
inline int threads_for_row(std::int64_t items, int most) {
  return static_cast<int>(std::min<std::int64_t>((items + 31) / 32 * 32, most));
}

}  // namespace galvatron
