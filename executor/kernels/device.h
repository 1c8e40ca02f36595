// What the choice of a kernel depends on.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>

namespace galvatron {

// 8 of Ampere, 9 of Hopper, 10 of Blackwell: of the GPU that holds the tensor.
int compute_capability(const at::Tensor& tensor);

// "NVIDIA H100 80GB HBM3"
std::string gpu_name(at::Device device);

// "Streaming multiprocessors", which blocks of threads are dealt out to.
int gpu_multiprocessors(at::Device device);

}  // namespace galvatron
