#include "executor/layers/patch_embedding.h"

#include <ATen/ops/addmm.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "executor/layers/gradient.h"
#include "executor/layers/held_state.h"

namespace galvatron {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct PatchState {
  ImageShape shape;
  PatchWeights weights;
  TokenRange held;

  std::int64_t tokens() const { return weights.positions.size(1); }
};

// The rows of one sample among those held: tokens [first, first + count) at row `row`.
struct SampleRows {
  std::int64_t sample = 0;
  std::int64_t first = 0;
  std::int64_t count = 0;
  std::int64_t row = 0;

  bool has_class_token() const { return first == 0; }
  std::int64_t first_patch() const { return std::max<std::int64_t>(first - 1, 0); }
  std::int64_t patches() const { return count - (has_class_token() ? 1 : 0); }
  std::int64_t patch_row() const { return row + (has_class_token() ? 1 : 0); }
};

std::vector<SampleRows> by_sample(const PatchState& state) {
  std::vector<SampleRows> result;
  for (std::int64_t token = state.held.begin; token < state.held.end;
       token += result.back().count) {
    const std::int64_t first = token % state.tokens();
    result.push_back({.sample = token / state.tokens(),
                      .first = first,
                      .count = std::min(state.tokens() - first, state.held.end - token),
                      .row = token - state.held.begin});
  }
  return result;
}

// The patches of these rows, [patches, channels * patch height * patch width], row by row of the
// image.
at::Tensor patches_of(const PatchState& state, const at::Tensor& images, const SampleRows& rows) {
  const at::Tensor& weight = state.weights.projection;
  const std::int64_t height = weight.size(2);
  const std::int64_t width = weight.size(3);
  const std::int64_t down = state.shape.height / height;
  const std::int64_t across = state.shape.width / width;
  return images.select(0, rows.sample)
      .view({state.shape.channels, state.shape.height, state.shape.width})
      .narrow(1, 0, down * height)
      .narrow(2, 0, across * width)
      .unfold(1, height, height)
      .unfold(2, width, width)
      .permute({1, 2, 0, 3, 4})
      .reshape({down * across, -1})
      .narrow(0, rows.first_patch(), rows.patches())
      .to(weight.scalar_type());
}

// [channels * patch height * patch width, hidden]
at::Tensor matrix(const at::Tensor& projection) {
  return projection.view({projection.size(0), -1}).t();
}

class PatchEmbedding : public torch::autograd::Function<PatchEmbedding> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& images, at::TensorList,
                            PatchState state) {
    const PatchWeights& weights = state.weights;
    const at::Tensor weight = matrix(weights.projection.detach());
    const at::Tensor positions = weights.positions.detach().squeeze(0);
    const at::Tensor hidden = at::empty({length(state.held), weight.size(1)}, weight.options());
    for (const SampleRows& rows : by_sample(state)) {
      if (rows.has_class_token())
        hidden.select(0, rows.row).copy_(weights.class_token.detach()[0][0]);
      at::Tensor own = hidden.narrow(0, rows.patch_row(), rows.patches());
      at::addmm_out(own, weights.bias.detach(), patches_of(state, images, rows), weight);
      hidden.narrow(0, rows.row, rows.count).add_(positions.narrow(0, rows.first, rows.count));
    }
    context->save_for_backward({images});
    hold(context, std::move(state));
    return hidden;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto state = take_held<PatchState>(context);
    const at::Tensor images = context->get_saved_variables().at(0);
    const PatchWeights& weights = state.weights;
    const at::Tensor positions = preset_gradient(weights.positions).squeeze(0);
    for (const SampleRows& rows : by_sample(state)) {
      const at::Tensor all = gradients.at(0).narrow(0, rows.row, rows.count);
      positions.narrow(0, rows.first, rows.count).add_(all);
      if (rows.has_class_token()) preset_gradient(weights.class_token)[0][0].add_(all[0]);
      const at::Tensor own = gradients.at(0).narrow(0, rows.patch_row(), rows.patches());
      add_product(matrix(preset_gradient(weights.projection)), patches_of(state, images, rows).t(),
                  own);
      add_row_sum(preset_gradient(weights.bias), own);
    }
    return variable_list(2 + kLeaves);  // leaves have theirs already
  }

  static constexpr std::size_t kLeaves = 4;
};

}  // namespace

at::Tensor patch_embedding(const at::Tensor& images, const ImageShape& shape,
                           const PatchWeights& weights, const TokenRange& held) {
  const std::vector<at::Tensor> leaves{weights.projection, weights.bias, weights.class_token,
                                       weights.positions};
  return PatchEmbedding::apply(images, at::TensorList(leaves),
                               PatchState{.shape = shape, .weights = weights, .held = held});
}

}  // namespace galvatron
