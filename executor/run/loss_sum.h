// The losses of a step's micro-batches, added up on the device that they came from: to ask a GPU
// for each of them would be to wait for it.
#pragma once

#include <ATen/core/Tensor.h>

namespace galvatron {

class LossSum {
 public:
  explicit LossSum(at::Device device) : device_(device) {}

  void add(const at::Tensor& loss);  // a scalar
  // The sum so far, a scalar of doubles on the device; then it is zero again.
  at::Tensor take();

 private:
  at::Device device_;
  double on_cpu_ = 0;  // which takes no tensor
  at::Tensor on_device_;
};

}  // namespace galvatron
