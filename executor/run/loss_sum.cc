#include "executor/run/loss_sum.h"

#include <ATen/ops/full.h>

#include <utility>

namespace galvatron {

void LossSum::add(const at::Tensor& loss) {
  if (device_.is_cpu()) {
    on_cpu_ += loss.item<double>();
  } else if (on_device_.defined()) {
    on_device_.add_(loss);
  } else {
    on_device_ = loss.to(at::kDouble);
  }
}

at::Tensor LossSum::take() {
  if (on_device_.defined()) return std::exchange(on_device_, at::Tensor());
  return at::full({}, std::exchange(on_cpu_, 0), at::TensorOptions(device_).dtype(at::kDouble));
}

}  // namespace galvatron
