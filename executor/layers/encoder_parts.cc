#include "executor/layers/encoder_parts.h"

#include <limits>
#include <utility>

#include "executor/layers/activation.h"
#include "executor/layers/attention.h"
#include "executor/layers/dropout.h"
#include "executor/layers/norm.h"

namespace galvatron {

at::Tensor score_mask(const BlockContext& context, at::ScalarType type) {
  const at::Tensor seen = context.inputs(SampleInput::seen);
  if (!seen.defined()) return {};
  const at::Tensor hidden = seen.eq(0);
  const double lowest = type == at::kFloat ? std::numeric_limits<float>::lowest()
                                           : -std::numeric_limits<float>::infinity();
  return hidden.to(type).masked_fill_(hidden, lowest).view({context.samples, 1, 1, -1});
}

LinearWeight linear_named(const BlockContext& context, const std::string& name) {
  return {.weight = parameter(context, name + ".weight"),
          .bias = has_parameter(context, name + ".bias") ? parameter(context, name + ".bias")
                                                         : at::Tensor()};
}

std::vector<at::Tensor> query_key_value(const BlockContext& context, Operand input) {
  return column_linear(tensor_axis(context), std::move(input),
                       {linear_named(context, "query"), linear_named(context, "key"),
                        linear_named(context, "value")});
}

at::Tensor encoder_attention(const BlockContext& context, std::int64_t head_size, Operand input) {
  const std::vector<at::Tensor> projected = query_key_value(context, std::move(input));
  return attention({.samples = context.samples,
                    .head_size = head_size,
                    .causal = false,
                    .mask = score_mask(context, projected.at(0).scalar_type())},
                   {.query = projected.at(0), .key = projected.at(1), .value = projected.at(2)});
}

Operand encoder_mlp(const BlockContext& context, Activation activation, Operand input) {
  const std::vector<at::Tensor> up = column_linear(tensor_axis(context), std::move(input),
                                                   {linear_named(context, "intermediate.dense")});
  return activate(activation, up.at(0), context.strategy.recompute);
}

at::Tensor project_and_add(const BlockContext& context, const Projection& projection, Operand x,
                           const at::Tensor& residual) {
  const at::Tensor output =
      row_linear(tensor_axis(context), std::move(x), linear_named(context, projection.weight));
  const std::int64_t tokens = projection.tokens_per_sample;
  const DropoutSite site = dropout_site(context, projection.dropout, projection.dropped,
                                        tokens > 0 ? tokens : context.sequence_length);
  return drop_path(context, projection.path_dropped, dropout(site, output)).add_(residual);
}

at::Tensor pre_norm_mlp(const BlockContext& context, const PreNormMlp& mlp,
                        const at::Tensor& input) {
  NormBranch branch = norm_branch(layer_norm_named(context, "layernorm_after", mlp.norm_epsilon),
                                  input, context.strategy.recompute);
  return project_and_add(context, {"{}.output.dense", "mlp", mlp.dropped},
                         encoder_mlp(context, mlp.activation, std::move(branch.normalized)),
                         branch.residual);
}

}  // namespace galvatron
