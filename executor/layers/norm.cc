#include "executor/layers/norm.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/native_layer_norm.h>
#include <ATen/ops/native_layer_norm_backward.h>

#include <utility>

#include "executor/kernels/fused_norm.h"
#include "executor/layers/gradient.h"
#include "executor/layers/held_state.h"

namespace galvatron {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct Normalized {
  at::Tensor output;
  variable_list statistics;  // [rows, 1] fp32: mean and 1/deviation, or 1/root mean square
};

NormWeights weights_of(const Norm& norm) {
  return {.weight = norm.weight.detach(),
          .bias = norm.bias.defined() ? norm.bias.detach() : at::Tensor(),
          .epsilon = norm.epsilon};
}

Normalized normalize_on_gpu(const Norm& norm, const at::Tensor& input) {
  NormedRows rows = fused_norm(weights_of(norm), input.contiguous());
  if (norm.kind == Norm::Kind::layer) return {rows.output, {rows.mean, rows.scale}};
  return {rows.output, {rows.scale}};
}

// rms: y = w x / sqrt(mean(x^2) + epsilon)
Normalized normalize(const Norm& norm, const at::Tensor& input) {
  if (input.is_cuda()) return normalize_on_gpu(norm, input);
  const std::int64_t width = input.size(-1);
  if (norm.kind == Norm::Kind::layer) {
    auto [output, mean, rstd] = at::native_layer_norm(input, {width}, norm.weight.detach(),
                                                      norm.bias.detach(), norm.epsilon);
    return {output, {mean, rstd}};
  }
  const at::Tensor rstd = at::linalg_vector_norm(input, 2, {-1}, /*keepdim=*/true, at::kFloat)
                              .square_()
                              .div_(static_cast<double>(width))
                              .add_(norm.epsilon)
                              .rsqrt_();
  const at::Tensor output = input.mul(rstd).to(input.scalar_type());
  return {output.mul_(norm.weight.detach()), {rstd}};
}

at::Tensor layer_norm_backward(const Norm& norm, const at::Tensor& input,
                               const variable_list& statistics, const at::Tensor& gradient) {
  auto [input_gradient, weight_gradient, bias_gradient] = at::native_layer_norm_backward(
      gradient, input, {input.size(-1)}, statistics.at(0), statistics.at(1), norm.weight.detach(),
      norm.bias.detach(), {true, true, true});
  preset_gradient(norm.weight).add_(weight_gradient);
  preset_gradient(norm.bias).add_(bias_gradient);
  return input_gradient;
}

// With r = 1/rms and n elements: dw = sum over rows of g, g = dy x r;
// dx = r (dy w - x r (sum over columns of g w) / n).
at::Tensor rms_norm_backward(const Norm& norm, const at::Tensor& input, const at::Tensor& rstd,
                             const at::Tensor& gradient) {
  const at::Tensor weight = norm.weight.detach();
  at::Tensor scaled = gradient.mul(input).mul_(rstd);
  add_row_sum(preset_gradient(norm.weight), scaled);
  const at::Tensor inner = scaled.mv(weight).unsqueeze(1);
  scaled.reset();
  const at::Tensor share = rstd.square().mul_(inner).div_(static_cast<double>(input.size(-1)));
  return gradient.mul(weight).mul_(rstd).addcmul_(input, share.to(input.scalar_type()), -1);
}

// Of the output and, where it is defined, of the residual.
struct BranchGradients {
  at::Tensor output;
  at::Tensor residual;
};

at::Tensor backward_on_gpu(const Norm& norm, const variable_list& kept,
                           const BranchGradients& gradients) {
  const bool centered = norm.kind == Norm::Kind::layer;
  return fused_norm_backward(
      weights_of(norm),
      {.input = kept.at(0).contiguous(),
       .mean = centered ? kept.at(1) : at::Tensor(),
       .scale = kept.back(),
       .gradient = gradients.output.contiguous(),
       .residual = gradients.residual.defined() ? gradients.residual.contiguous() : at::Tensor()},
      {.weight = preset_gradient(norm.weight),
       .bias = centered ? preset_gradient(norm.bias) : at::Tensor()});
}

at::Tensor branch_backward(const Norm& norm, const variable_list& kept,
                           const BranchGradients& gradients) {
  if (kept.at(0).is_cuda()) return backward_on_gpu(norm, kept, gradients);
  const at::Tensor input_gradient =
      norm.kind == Norm::Kind::layer
          ? layer_norm_backward(norm, kept[0], {kept[1], kept[2]}, gradients.output)
          : rms_norm_backward(norm, kept[0], kept[1], gradients.output);
  if (gradients.residual.defined()) input_gradient.add_(gradients.residual);
  return input_gradient;
}

class NormFunction : public torch::autograd::Function<NormFunction> {
 public:
  static variable_list forward(AutogradContext* context, const at::Tensor& input,
                               at::TensorList leaves, Norm norm) {
    Normalized normalized = normalize(norm, input);
    variable_list kept{input};
    kept.insert(kept.end(), normalized.statistics.begin(), normalized.statistics.end());
    context->save_for_backward(kept);
    context->set_materialize_grads(false);  // the residual may end here
    context->saved_data["leaves"] = static_cast<std::int64_t>(leaves.size());
    hold(context, std::move(norm));
    return {normalized.output, input.view_as(input)};
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto leaves = static_cast<std::size_t>(context->saved_data.at("leaves").toInt());
    const Norm norm = take_held<Norm>(context);
    variable_list result{
        branch_backward(norm, context->get_saved_variables(), {gradients.at(0), gradients.at(1)})};
    result.resize(1 + leaves + 1);  // leaves have theirs already
    return result;
  }
};

}  // namespace

Norm layer_norm_named(const BlockContext& context, const std::string& name, double epsilon) {
  return {.kind = Norm::Kind::layer,
          .epsilon = epsilon,
          .weight = parameter(context, name + ".weight"),
          .bias = parameter(context, name + ".bias")};
}

Norm rms_norm_named(const BlockContext& context, const std::string& name, double epsilon) {
  return {.kind = Norm::Kind::rms,
          .epsilon = epsilon,
          .weight = parameter(context, name + ".weight"),
          .bias = {}};
}

NormBranch norm_branch(const Norm& norm, const at::Tensor& input, Recompute recompute) {
  std::vector<at::Tensor> leaves{norm.weight};
  if (norm.bias.defined()) leaves.push_back(norm.bias);
  const variable_list outputs = NormFunction::apply(input, at::TensorList(leaves), norm);
  return {.normalized =
              operand(outputs.at(0), recompute,
                      [norm, input = input.detach()] { return normalize(norm, input).output; }),
          .residual = outputs.at(1)};
}

}  // namespace galvatron
