#include <ATen/ops/addmm.h>
#include <ATen/ops/mm.h>

#include <utility>

#include "executor/layers/held_state.h"
#include "executor/layers/linear.h"
#include "executor/layers/weight_part.h"

namespace galvatron {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct RowState {
  TensorAxis axis;
  WeightPart part;
  std::function<at::Tensor()> again;  // empty: x is a saved variable
  std::size_t leaves = 0;
};

// A GPU that needs no sum over the group adds the bias before it writes the product.
at::Tensor sum_with_bias(const RowState& state, const at::Tensor& x) {
  const at::Tensor bias = state.part.bias();
  if (bias.defined() && x.is_cuda() && state.axis.group->size() == 1) {
    return at::addmm(bias, x, state.part.matrix());
  }
  at::Tensor y = reduce_rows(state.axis, at::mm(x, state.part.matrix()));
  if (bias.defined()) y.add_(bias);
  return y;
}

class RowLinear : public torch::autograd::Function<RowLinear> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, at::TensorList leaves,
                            RowState state) {
    at::Tensor y = sum_with_bias(state, x);
    if (!state.again) context->save_for_backward({x});
    state.leaves = leaves.size();
    hold(context, std::move(state));
    return y;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto state = take_held<RowState>(context);
    state.part.add_bias_gradient(gradients.at(0));  // of the rows held
    const at::Tensor gradient = gather_rows(state.axis, gradients.at(0));
    state.part.add_gradient(state.again ? state.again() : context->get_saved_variables().at(0),
                            gradient);
    variable_list result{at::mm(gradient, state.part.matrix().t())};
    result.resize(1 + state.leaves + 1);  // leaves have theirs already, the state has none
    return result;
  }
};

}  // namespace

at::Tensor row_linear(const TensorAxis& axis, Operand x, const LinearWeight& weight) {
  RowState state{.axis = axis, .part = WeightPart::of({weight}).at(0), .again = std::move(x.again)};
  const std::vector<at::Tensor> leaves = leaves_of({weight});
  return RowLinear::apply(x.value, at::TensorList(leaves), std::move(state));
}

}  // namespace galvatron
