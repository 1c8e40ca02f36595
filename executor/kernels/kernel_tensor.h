// What the host side of every kernel does with its tensors.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#include <cuda_bf16.h>
#include <fmt/format.h>

#include <stdexcept>

namespace galvatron {

// The device whose current stream a kernel is launched on, made current while this lives.
class LaunchScope {
 public:
  explicit LaunchScope(const at::Tensor& tensor) : guard_(tensor.device()) {}
  cudaStream_t stream() const {
    return c10::cuda::getCurrentCUDAStream(guard_.current_device().index()).stream();
  }

 private:
  c10::cuda::CUDAGuard guard_;
};

// Throws std::invalid_argument, naming the tensor, unless it is as the kernel takes it.
inline void check_tensor(const at::Tensor& tensor, const char* name, at::ScalarType type,
                         std::int64_t elements) {
  if (tensor.is_cuda() && tensor.is_contiguous() && tensor.scalar_type() == type &&
      tensor.numel() == elements) {
    return;
  }
  throw std::invalid_argument(fmt::format(
      "a kernel takes {} as {} contiguous elements of {} on a GPU, got {} elements of {}, "
      "contiguous: {}, on a GPU: {}",
      name, elements, c10::toString(type), tensor.numel(), c10::toString(tensor.scalar_type()),
      tensor.is_contiguous(), tensor.is_cuda()));
}

inline void check_like(const at::Tensor& tensor, const char* name, const at::Tensor& other) {
  check_tensor(tensor, name, other.scalar_type(), other.numel());
}

// Null where the tensor is undefined.
template <typename T>
T* elements_of(const at::Tensor& tensor) {
  return tensor.defined() ? static_cast<T*>(tensor.mutable_data_ptr()) : nullptr;
}

// Calls launch(T{}) with the element type of `like`, and throws what CUDA reports of it.
template <typename Launch>
void launch_by_type(const at::Tensor& like, const Launch& launch) {
  switch (like.scalar_type()) {
    case at::kFloat:
      C10_CUDA_CHECK(launch(float{}));
      return;
    case at::kBFloat16:
      C10_CUDA_CHECK(launch(__nv_bfloat16{}));
      return;
    default:
      throw std::invalid_argument(fmt::format("kernels take Float and BFloat16, got {}",
                                              c10::toString(like.scalar_type())));
  }
}

}  // namespace galvatron
