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

struct ReplicatedState {
  WeightPart part;
  std::size_t leaves = 0;
};

class ReplicatedLinear : public torch::autograd::Function<ReplicatedLinear> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, at::TensorList leaves,
                            ReplicatedState state) {
    const at::Tensor bias = state.part.bias();
    at::Tensor y =
        bias.defined() ? at::addmm(bias, x, state.part.matrix()) : at::mm(x, state.part.matrix());
    context->save_for_backward({x});
    state.leaves = leaves.size();
    hold(context, std::move(state));
    return y;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto state = take_held<ReplicatedState>(context);
    state.part.add_gradient(context->get_saved_variables().at(0), gradients.at(0));
    state.part.add_bias_gradient(gradients.at(0));
    variable_list result{at::mm(gradients.at(0), state.part.matrix().t())};
    result.resize(1 + state.leaves + 1);  // leaves have theirs already, the state has none
    return result;
  }
};

}  // namespace

at::Tensor replicated_linear(const at::Tensor& x, const LinearWeight& weight) {
  const std::vector<at::Tensor> leaves = leaves_of({weight});
  return ReplicatedLinear::apply(x, at::TensorList(leaves),
                                 ReplicatedState{.part = WeightPart::of({weight}).at(0)});
}

}  // namespace galvatron
