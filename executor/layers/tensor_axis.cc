#include "executor/layers/tensor_axis.h"

namespace galvatron {

TensorAxis tensor_axis(const BlockContext& context) {
  return {.group = &context.tensor_group, .splits_tokens = context.strategy.sequence_parallel};
}

at::Tensor gather_rows(const TensorAxis& axis, const at::Tensor& held) {
  return axis.splits_tokens ? axis.group->all_gather(held.contiguous()) : held;
}

at::Tensor reduce_rows(const TensorAxis& axis, const at::Tensor& partial) {
  if (axis.splits_tokens) return axis.group->reduce_scatter(partial);
  axis.group->all_reduce(partial);
  return partial;
}

}  // namespace galvatron
