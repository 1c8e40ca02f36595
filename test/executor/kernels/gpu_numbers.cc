#include "test/executor/kernels/gpu_numbers.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/randn.h>

#include <algorithm>

namespace galvatron {

at::Tensor normals(const Numbers& what) {
  const at::Tensor values = at::randn(what.shape, at::detail::createCPUGenerator(what.seed));
  const std::int64_t before = what.start == Start::odd ? 1 : 0;
  const at::Tensor buffer =
      at::empty({before + values.numel()}, at::device(at::kCUDA).dtype(what.type));
  const at::Tensor own = buffer.narrow(0, before, values.numel()).view(what.shape);
  return own.copy_(values);
}

at::Tensor exact(const at::Tensor& tensor) { return tensor.detach().to(at::kCPU, at::kFloat); }

double distance(const at::Tensor& actual, const at::Tensor& expected) {
  const at::Tensor wanted = exact(expected);
  const double largest = wanted.numel() > 0 ? wanted.abs().max().item<double>() : 0;
  if (wanted.numel() == 0) return 0;
  return exact(actual).sub(wanted).abs().max().item<double>() / std::max(largest, 0.01);
}

double tolerance(at::ScalarType type) { return type == at::kFloat ? 2e-5 : 1e-2; }

}  // namespace galvatron
