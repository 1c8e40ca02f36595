#include "executor/layers/gradient.h"

#include <ATen/ops/_index_put_impl.h>
#include <ATen/ops/addmm.h>

#include <stdexcept>

#include "executor/kernels/column_sums.h"

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
  } else if (gradient.is_cuda()) {
    at::Tensor sum = gradient;
    at::addmm_out(sum, sum, left, right, gradient.scalar_type());
  } else {
    gradient.add_(left.mm(right));
  }
}

void add_row_sum(const at::Tensor& gradient, const at::Tensor& rows) {
  if (gradient.is_cuda()) {
    add_column_sums(rows.stride(1) == 1 ? rows : rows.contiguous(), gradient);
  } else {
    gradient.add_(rows.sum(0, false, gradient.scalar_type()));
  }
}

void add_rows(const at::Tensor& gradient, const at::Tensor& places, const at::Tensor& rows) {
  const at::Tensor own = rows.to(gradient.scalar_type());
  if (gradient.is_cuda()) {
    at::Tensor sum = gradient;
    at::_index_put_impl_(sum, {places}, own, /*accumulate=*/true, /*unsafe=*/true);
  } else {
    gradient.index_add_(0, places, own);
  }
}

}  // namespace galvatron
