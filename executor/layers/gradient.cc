#include "executor/layers/gradient.h"

#include <stdexcept>

namespace galvatron {

at::Tensor preset_gradient(const at::Tensor& parameter) {
  const at::Tensor& gradient = parameter.grad();
  if (!gradient.defined()) {
    throw std::logic_error("backward needs a preset .grad on every parameter, found none");
  }
  return gradient;
}

void add_product(const at::Tensor& gradient, const at::Tensor& left, const at::Tensor& right) {
  if (gradient.scalar_type() == left.scalar_type()) {
    gradient.addmm_(left, right);
  } else {
    gradient.add_(left.mm(right));
  }
}

void add_row_sum(const at::Tensor& gradient, const at::Tensor& rows) {
  gradient.add_(rows.sum(0, false, gradient.scalar_type()));
}

}  // namespace galvatron
