#include "executor/layers/patch_embedding.h"

#include <ATen/ops/addmm.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "cost_models/rounding.h"
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

  std::int64_t patch_height() const { return weights.projection.size(2); }
  std::int64_t patch_width() const { return weights.projection.size(3); }
  std::int64_t down() const { return patches_along(shape.height, patch_height()); }
  std::int64_t across() const { return patches_along(shape.width, patch_width()); }
  std::int64_t class_tokens() const { return weights.class_token.defined() ? 1 : 0; }
  std::int64_t tokens() const { return class_tokens() + down() * across(); }

 private:
  std::int64_t patches_along(std::int64_t image, std::int64_t patch) const {
    return shape.partial == PartialPatches::filled_up ? divide_up(image, patch) : image / patch;
  }
};

// What autograd has to know of.
std::vector<at::Tensor> leaves_of(const PatchWeights& weights) {
  std::vector<at::Tensor> leaves{weights.projection, weights.bias};
  if (weights.class_token.defined()) leaves.push_back(weights.class_token);
  if (weights.positions.defined()) leaves.push_back(weights.positions);
  return leaves;
}

// The rows of one sample among those held: tokens [first, first + count) at row `row`.
struct SampleRows {
  std::int64_t sample = 0;
  std::int64_t first = 0;
  std::int64_t count = 0;
  std::int64_t row = 0;
  std::int64_t class_tokens = 0;  // of all: 0 or 1; number 0 of the sample's

  std::int64_t held_class_tokens() const { return first == 0 ? class_tokens : 0; }
  std::int64_t first_patch() const { return std::max<std::int64_t>(first - class_tokens, 0); }
  std::int64_t patches() const { return count - held_class_tokens(); }
  std::int64_t patch_row() const { return row + held_class_tokens(); }
};

std::vector<SampleRows> by_sample(const PatchState& state) {
  std::vector<SampleRows> result;
  for (std::int64_t token = state.held.begin; token < state.held.end;
       token += result.back().count) {
    const std::int64_t first = token % state.tokens();
    result.push_back({.sample = token / state.tokens(),
                      .first = first,
                      .count = std::min(state.tokens() - first, state.held.end - token),
                      .row = token - state.held.begin,
                      .class_tokens = state.class_tokens()});
  }
  return result;
}

// One image in whole patches, [channels, height, width]: cut off, a view, or filled up with zeros.
at::Tensor whole_patches(const PatchState& state, const at::Tensor& image) {
  const std::int64_t height = state.down() * state.patch_height();
  const std::int64_t width = state.across() * state.patch_width();
  const at::Tensor seen = image.view({state.shape.channels, state.shape.height, state.shape.width})
                              .narrow(1, 0, std::min(height, state.shape.height))
                              .narrow(2, 0, std::min(width, state.shape.width));
  if (seen.size(1) == height && seen.size(2) == width) return seen;
  return at::constant_pad_nd(seen, {0, width - seen.size(2), 0, height - seen.size(1)});
}

// The patches of these rows, [patches, channels * patch height * patch width], row by row of the
// image.
at::Tensor patches_of(const PatchState& state, const at::Tensor& images, const SampleRows& rows) {
  const std::int64_t height = state.patch_height();
  const std::int64_t width = state.patch_width();
  return whole_patches(state, images.select(0, rows.sample))
      .unfold(1, height, height)
      .unfold(2, width, width)
      .permute({1, 2, 0, 3, 4})
      .reshape({state.down() * state.across(), -1})
      .narrow(0, rows.first_patch(), rows.patches())
      .to(state.weights.projection.scalar_type());
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
    const at::Tensor hidden = at::empty({length(state.held), weight.size(1)}, weight.options());
    for (const SampleRows& rows : by_sample(state)) {
      if (rows.held_class_tokens() > 0) {
        hidden.select(0, rows.row).copy_(weights.class_token[0][0]);
      }
      at::Tensor own = hidden.narrow(0, rows.patch_row(), rows.patches());
      at::addmm_out(own, weights.bias.detach(), patches_of(state, images, rows), weight);
      if (weights.positions.defined()) {
        hidden.narrow(0, rows.row, rows.count)
            .add_(weights.positions[0].narrow(0, rows.first, rows.count));
      }
    }
    context->save_for_backward({images});
    hold(context, std::move(state));
    return hidden;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto state = take_held<PatchState>(context);
    const at::Tensor images = context->get_saved_variables().at(0);
    const PatchWeights& weights = state.weights;
    for (const SampleRows& rows : by_sample(state)) {
      const at::Tensor all = gradients.at(0).narrow(0, rows.row, rows.count);
      if (weights.positions.defined()) {
        preset_gradient(weights.positions)[0].narrow(0, rows.first, rows.count).add_(all);
      }
      if (rows.held_class_tokens() > 0) preset_gradient(weights.class_token)[0][0].add_(all[0]);
      const at::Tensor own = gradients.at(0).narrow(0, rows.patch_row(), rows.patches());
      add_product(matrix(preset_gradient(weights.projection)), patches_of(state, images, rows).t(),
                  own);
      add_row_sum(preset_gradient(weights.bias), own);
    }
    return variable_list(1 + leaves_of(weights).size() + 1);  // leaves have theirs already
  }
};

}  // namespace

at::Tensor patch_embedding(const at::Tensor& images, const ImageShape& shape,
                           const PatchWeights& weights, const TokenRange& held) {
  const std::vector<at::Tensor> leaves = leaves_of(weights);
  return PatchEmbedding::apply(images, at::TensorList(leaves),
                               PatchState{.shape = shape, .weights = weights, .held = held});
}

}  // namespace galvatron
