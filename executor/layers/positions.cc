#include <algorithm>
#include <vector>

#include "executor/layers/embedding.h"
#include "executor/layers/gradient.h"
#include "executor/layers/held_state.h"

namespace galvatron {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Consecutive rows of one sample.
struct Piece {
  std::int64_t row = 0;
  std::int64_t position = 0;
  std::int64_t length = 0;
};

std::vector<Piece> pieces(const PositionRows& rows, std::int64_t count) {
  std::vector<Piece> result;
  for (std::int64_t row = 0; row < count; row += result.back().length) {
    const std::int64_t position = (rows.first_row + row) % rows.sequence_length;
    result.push_back({.row = row,
                      .position = position,
                      .length = std::min(count - row, rows.sequence_length - position)});
  }
  return result;
}

class AddPositions : public torch::autograd::Function<AddPositions> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& hidden,
                            const at::Tensor& table, PositionRows rows) {
    for (const Piece& piece : pieces(rows, hidden.size(0))) {
      hidden.narrow(0, piece.row, piece.length).add_(table.narrow(0, piece.position, piece.length));
    }
    context->mark_dirty({hidden});
    context->save_for_backward({table});
    hold(context, rows);
    return hidden;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const at::Tensor& gradient = gradients.at(0);
    const at::Tensor sum = preset_gradient(context->get_saved_variables().at(0));
    for (const Piece& piece : pieces(take_held<PositionRows>(context), gradient.size(0))) {
      sum.narrow(0, piece.position, piece.length).add_(gradient.narrow(0, piece.row, piece.length));
    }
    return {gradient, {}, {}};
  }
};

}  // namespace

at::Tensor add_positions(const at::Tensor& hidden, const at::Tensor& positions, PositionRows rows) {
  return AddPositions::apply(hidden, positions, rows);
}

}  // namespace galvatron
