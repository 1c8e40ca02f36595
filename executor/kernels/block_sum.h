// For .cu files: sums over all threads of a block, the same in every run. Each warp adds up by
// shuffles, then every warp the sums of all.
#pragma once

namespace galvatron {

inline constexpr int kWarp = 32;
inline constexpr unsigned kWholeWarp = 0xFFFFFFFFU;

template <int kCount>
struct Sums {
  float of[kCount];
};

template <int kCount>
__device__ inline void add_over_warp(Sums<kCount>& sums) {
#pragma unroll
  for (int distance = kWarp / 2; distance > 0; distance /= 2) {
#pragma unroll
    for (int i = 0; i < kCount; ++i) {
      sums.of[i] += __shfl_xor_sync(kWholeWarp, sums.of[i], distance);
    }
  }
}

// Every thread gets the sums. Requires a block of whole warps, at most 32 of them.
template <int kCount>
__device__ inline Sums<kCount> block_sums(Sums<kCount> own) {
  __shared__ Sums<kCount> of_warps[kWarp];
  const int lane = static_cast<int>(threadIdx.x) % kWarp;
  const int warps = static_cast<int>(blockDim.x) / kWarp;
  add_over_warp(own);
  if (lane == 0) of_warps[threadIdx.x / kWarp] = own;
  __syncthreads();
  Sums<kCount> all{};
  if (lane < warps) all = of_warps[lane];
  add_over_warp(all);
  __syncthreads();  // before the next call writes
  return all;
}

}  // namespace galvatron
