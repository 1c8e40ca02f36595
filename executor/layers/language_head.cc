#include "executor/layers/language_head.h"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

#include "executor/layers/cross_entropy.h"
#include "executor/layers/linear.h"

namespace galvatron {

namespace {

// A padded vector is the bias of the logits.
bool is_table(const Parameter& parameter) { return parameter.pads && parameter.shape.size() == 2; }

}  // namespace

const at::Tensor& vocabulary_table(const BlockContext& context) {
  for (std::size_t i = 0; i < context.layer.parameters.size(); ++i) {
    if (is_table(context.layer.parameters[i])) return context.parameters[i];
  }
  throw std::logic_error(fmt::format("layer type {} has no vocabulary table", context.layer.type));
}

at::Tensor token_loss(const BlockContext& context, Operand hidden) {
  const TensorAxis axis = tensor_axis(context);
  const std::vector<at::Tensor> logits =
      column_linear(axis, std::move(hidden), {{.weight = vocabulary_table(context)}});
  return vocabulary_cross_entropy(axis, logits.at(0),
                                  {.tokens = context.inputs(SampleInput::targets),
                                   .normalizer = context.normalizer,
                                   .vocabulary = context.layer.vocabulary});
}

at::Tensor language_head(const BlockContext& context, const Norm& norm, const at::Tensor& input) {
  return token_loss(context, norm_branch(norm, input, context.strategy.recompute).normalized);
}

}  // namespace galvatron
