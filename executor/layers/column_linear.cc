#include <ATen/ops/addmm.h>
#include <ATen/ops/empty_strided.h>
#include <ATen/ops/mm.h>

#include <utility>

#include "cost_models/rounding.h"
#include "executor/layers/held_state.h"
#include "executor/layers/linear.h"
#include "executor/layers/weight_part.h"

namespace galvatron {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr std::int64_t kAlignedElements = 8;  // 16 bytes of bf16

// [rows, outputs of `matrix`], each row at a multiple of 16 bytes: an odd vocabulary would else
// keep a GPU from its fast products, here and in backward, whose gradient lies alike.
at::Tensor aligned_rows(std::int64_t rows, const at::Tensor& matrix) {
  const std::int64_t outputs = matrix.size(1);
  return at::empty_strided({rows, outputs}, {round_up(outputs, kAlignedElements), 1},
                           matrix.options());
}

struct ColumnState {
  TensorAxis axis;
  std::vector<WeightPart> parts;
  std::function<at::Tensor()> again;  // empty: x is a saved variable
  std::size_t leaves = 0;
};

at::Tensor product(const WeightPart& part, const at::Tensor& rows) {
  const at::Tensor bias = part.bias();
  const at::Tensor matrix = part.matrix();
  if (rows.is_cuda() && matrix.size(1) % kAlignedElements != 0) {
    at::Tensor y = aligned_rows(rows.size(0), matrix);
    return bias.defined() ? at::addmm_out(y, bias, rows, matrix) : at::mm_out(y, rows, matrix);
  }
  return bias.defined() ? at::addmm(bias, rows, matrix) : at::mm(rows, matrix);
}

class ColumnLinear : public torch::autograd::Function<ColumnLinear> {
 public:
  static variable_list forward(AutogradContext* context, const at::Tensor& x, at::TensorList leaves,
                               ColumnState state) {
    const at::Tensor rows = gather_rows(state.axis, x);
    variable_list outputs;
    for (const WeightPart& part : state.parts) outputs.push_back(product(part, rows));
    if (!state.again) context->save_for_backward({x});
    state.leaves = leaves.size();
    hold(context, std::move(state));
    return outputs;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto state = take_held<ColumnState>(context);
    add_weight_gradients(state, gradients,
                         state.again ? state.again() : context->get_saved_variables().at(0));
    at::Tensor sum = at::mm(gradients.at(0), state.parts.at(0).matrix().t());
    for (std::size_t i = 1; i < gradients.size(); ++i) {
      sum.addmm_(gradients[i], state.parts[i].matrix().t());
    }
    variable_list result{reduce_rows(state.axis, sum)};
    result.resize(1 + state.leaves + 1);  // leaves have theirs already, the state has none
    return result;
  }

 private:
  // Takes `held` over, so that neither it nor what is gathered outlives the products.
  static void add_weight_gradients(const ColumnState& state, const variable_list& gradients,
                                   at::Tensor held) {
    const at::Tensor rows = gather_rows(state.axis, std::exchange(held, {}));
    for (std::size_t i = 0; i < gradients.size(); ++i) {
      state.parts[i].add_gradient(rows, gradients[i]);
      state.parts[i].add_bias_gradient(gradients[i]);
    }
  }
};

}  // namespace

std::vector<at::Tensor> column_linear(const TensorAxis& axis, Operand x,
                                      const std::vector<LinearWeight>& weights) {
  ColumnState state{.axis = axis, .parts = WeightPart::of(weights), .again = std::move(x.again)};
  const std::vector<at::Tensor> leaves = leaves_of(weights);
  return ColumnLinear::apply(x.value, at::TensorList(leaves), std::move(state));
}

}  // namespace galvatron
