#include "executor/layers/patch_merging.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <array>

#include "cost_models/rounding.h"
#include "executor/layers/held_state.h"

namespace galvatron {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr std::int64_t kNeighbours = 4;

// The tokens of one corner of all squares, [samples, squares down, squares across, hidden], and
// where they lie in the merged rows.
struct Corner {
  at::Tensor tokens;
  at::Tensor merged;
};

// Views; at a side that is odd the last squares lack two of their corners.
std::array<Corner, kNeighbours> corners(const TokenGrid& grid, const at::Tensor& rows,
                                        const at::Tensor& merged_rows) {
  const std::int64_t hidden = rows.size(1);
  const at::Tensor tokens = rows.view({-1, grid.height, grid.width, hidden});
  const at::Tensor merged = merged_rows.view(
      {-1, divide_up(grid.height, 2), divide_up(grid.width, 2), kNeighbours, hidden});
  std::array<Corner, kNeighbours> result;
  for (std::int64_t corner = 0; corner < kNeighbours; ++corner) {
    const at::Tensor own = tokens.slice(1, corner % 2, {}, 2).slice(2, corner / 2, {}, 2);
    result.at(static_cast<std::size_t>(corner)) = {
        .tokens = own,
        .merged = merged.select(3, corner).narrow(1, 0, own.size(1)).narrow(2, 0, own.size(2))};
  }
  return result;
}

class MergeNeighbours : public torch::autograd::Function<MergeNeighbours> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& rows, TokenGrid grid) {
    const std::int64_t samples = rows.size(0) / (grid.height * grid.width);
    const std::int64_t squares = divide_up(grid.height, 2) * divide_up(grid.width, 2);
    at::Tensor merged = at::zeros({samples * squares, kNeighbours * rows.size(1)}, rows.options());
    for (const Corner& corner : corners(grid, rows, merged)) corner.merged.copy_(corner.tokens);
    hold(context, grid);
    return merged;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto grid = take_held<TokenGrid>(context);
    const at::Tensor merged = gradients.at(0);
    const std::int64_t squares = divide_up(grid.height, 2) * divide_up(grid.width, 2);
    const std::int64_t samples = merged.size(0) / squares;
    at::Tensor rows = at::empty({samples * grid.height * grid.width, merged.size(1) / kNeighbours},
                                merged.options());
    for (const Corner& corner : corners(grid, rows, merged)) corner.tokens.copy_(corner.merged);
    return {rows, {}};
  }
};

}  // namespace

at::Tensor merge_neighbours(const TokenGrid& grid, const at::Tensor& rows) {
  return MergeNeighbours::apply(rows, grid);
}

}  // namespace galvatron
