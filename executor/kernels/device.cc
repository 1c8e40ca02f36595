#include "executor/kernels/device.h"

#include <c10/cuda/CUDAException.h>
#include <cuda_runtime_api.h>

namespace galvatron {

int compute_capability(const at::Tensor& tensor) {
  int major = 0;
  C10_CUDA_CHECK(
      cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, tensor.device().index()));
  return major;
}

std::string gpu_name(at::Device device) {
  cudaDeviceProp properties{};
  C10_CUDA_CHECK(cudaGetDeviceProperties(&properties, device.index()));
  return properties.name;
}

int gpu_multiprocessors(at::Device device) {
  int count = 0;
  C10_CUDA_CHECK(cudaDeviceGetAttribute(&count, cudaDevAttrMultiProcessorCount, device.index()));
  return count;
}

}  // namespace galvatron
