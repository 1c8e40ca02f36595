// What the choice of a kernel depends on.
#pragma once

#include <ATen/core/Tensor.h>

namespace galvatron {

// 8 of Ampere, 9 of Hopper, 10 of Blackwell: of the GPU that holds the tensor.
int compute_capability(const at::Tensor& tensor);

}  // namespace galvatron
