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

// 16 bytes of bf16. A GPU's fast products take sizes and row distances that are multiples of it, so
// that an odd vocabulary is cut: into as many outputs as are one, and the few that remain.
constexpr std::int64_t kAlignedElements = 8;

struct ColumnState {
  TensorAxis axis;
  std::vector<WeightPart> parts;
  std::function<at::Tensor()> again;  // empty: x is a saved variable
  std::size_t leaves = 0;
};

std::vector<WeightPart> pieces_of(const WeightPart& part, const at::Tensor& rows) {
  return rows.is_cuda() ? part.cut_at(kAlignedElements) : std::vector<WeightPart>{part};
}

// [rows, outputs], each row at a multiple of 16 bytes, here and in backward, whose gradient lies
// alike.
at::Tensor product_of_pieces(const std::vector<WeightPart>& pieces, const WeightPart& part,
                             const at::Tensor& rows) {
  const at::Tensor y =
      at::empty_strided({rows.size(0), part.outputs()},
                        {round_up(part.outputs(), kAlignedElements), 1}, rows.options());
  std::int64_t column = 0;
  for (const WeightPart& piece : pieces) {
    at::Tensor own = y.narrow(1, column, piece.outputs());
    const at::Tensor bias = piece.bias();
    if (bias.defined()) {
      at::addmm_out(own, bias, rows, piece.matrix());
    } else {
      at::mm_out(own, rows, piece.matrix());
    }
    column += piece.outputs();
  }
  return y;
}

at::Tensor product(const WeightPart& part, const at::Tensor& rows) {
  const std::vector<WeightPart> pieces = pieces_of(part, rows);
  if (pieces.size() > 1) return product_of_pieces(pieces, part, rows);
  const at::Tensor bias = part.bias();
  return bias.defined() ? at::addmm(bias, rows, part.matrix()) : at::mm(rows, part.matrix());
}

struct PieceGradient {
  WeightPart piece;
  at::Tensor output;  // [rows, outputs of the piece]
};

std::vector<PieceGradient> gradients_of_pieces(const std::vector<WeightPart>& parts,
                                               const variable_list& gradients) {
  std::vector<PieceGradient> result;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    std::int64_t column = 0;
    for (const WeightPart& piece : pieces_of(parts[i], gradients.at(i))) {
      result.push_back({piece, gradients[i].narrow(1, column, piece.outputs())});
      column += piece.outputs();
    }
  }
  return result;
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
    const std::vector<PieceGradient> pieces = gradients_of_pieces(state.parts, gradients);
    add_weight_gradients(state.axis, pieces,
                         state.again ? state.again() : context->get_saved_variables().at(0));
    at::Tensor sum = at::mm(pieces.at(0).output, pieces[0].piece.matrix().t());
    for (std::size_t i = 1; i < pieces.size(); ++i) {
      sum.addmm_(pieces[i].output, pieces[i].piece.matrix().t());
    }
    variable_list result{reduce_rows(state.axis, sum)};
    result.resize(1 + state.leaves + 1);  // leaves have theirs already, the state has none
    return result;
  }

 private:
  // Takes `held` over, so that neither it nor what is gathered outlives the products.
  static void add_weight_gradients(const TensorAxis& axis, const std::vector<PieceGradient>& pieces,
                                   at::Tensor held) {
    const at::Tensor rows = gather_rows(axis, std::exchange(held, {}));
    for (const PieceGradient& gradient : pieces) {
      gradient.piece.add_gradient(rows, gradient.output);
      gradient.piece.add_bias_gradient(gradient.output);
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
