// Numbers on the GPU, and how far they are from those of the CPU.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace galvatron {

// Where a tensor begins: at a multiple of 16 bytes, or one element after it.
enum class Start { aligned, odd };

struct Numbers {
  std::vector<std::int64_t> shape;
  at::ScalarType type = at::kFloat;
  Start start = Start::aligned;
  std::uint64_t seed = 1;
};

// Standard normals on the GPU, the same for equal arguments.
at::Tensor normals(const Numbers& what);

// On the CPU in fp32: what a kernel should have been given.
at::Tensor exact(const at::Tensor& tensor);

// The largest difference of two tensors, over the largest number of the second or, where these are
// rounding errors of a sum of zero, 0.01.
double distance(const at::Tensor& actual, const at::Tensor& expected);

// What rounding to the type and sums in another order may make of that.
double tolerance(at::ScalarType type);

}  // namespace galvatron
