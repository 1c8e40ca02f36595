#include "executor/kernels/fused_norm.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>

#include "executor/kernels/fused_norm_launch.h"
#include "executor/kernels/kernel_tensor.h"

namespace galvatron {
namespace {

bool is_centered(const NormWeights& norm) { return norm.bias.defined(); }

void check_weights(const NormWeights& norm, const at::Tensor& input) {
  const std::int64_t columns = input.size(-1);
  check_like(input, "input", input);
  check_tensor(norm.weight, "weight", input.scalar_type(), columns);
  if (is_centered(norm)) check_tensor(norm.bias, "bias", input.scalar_type(), columns);
}

void check_backward(const NormWeights& norm, const NormBackward& what, const NormGradients& sums) {
  const std::int64_t columns = what.input.size(-1);
  const std::int64_t rows = what.input.numel() / columns;
  check_weights(norm, what.input);
  check_like(what.gradient, "gradient", what.input);
  if (what.residual.defined()) check_like(what.residual, "residual gradient", what.input);
  check_tensor(what.scale, "scale", at::kFloat, rows);
  check_tensor(sums.weight, "weight gradient", at::kFloat, columns);
  if (!is_centered(norm)) return;
  check_tensor(what.mean, "mean", at::kFloat, rows);
  check_tensor(sums.bias, "bias gradient", at::kFloat, columns);
}

}  // namespace

NormedRows fused_norm(const NormWeights& norm, const at::Tensor& input) {
  check_weights(norm, input);
  const LaunchScope scope(input);
  const std::int64_t columns = input.size(-1);
  const std::int64_t rows = input.numel() / columns;
  const auto statistics = input.options().dtype(at::kFloat);
  const NormedRows result{
      .output = at::empty_like(input),
      .mean = is_centered(norm) ? at::empty({rows, 1}, statistics) : at::Tensor(),
      .scale = at::empty({rows, 1}, statistics)};
  launch_by_type(input, [&]<typename T>(T) {
    return launch_norm_forward<T>({.input = elements_of<T>(input),
                                   .weight = elements_of<T>(norm.weight),
                                   .bias = elements_of<T>(norm.bias),
                                   .output = elements_of<T>(result.output),
                                   .mean = elements_of<float>(result.mean),
                                   .scale = elements_of<float>(result.scale),
                                   .rows = rows,
                                   .columns = columns,
                                   .epsilon = static_cast<float>(norm.epsilon)},
                                  scope.stream());
  });
  return result;
}

at::Tensor fused_norm_backward(const NormWeights& norm, const NormBackward& what,
                               const NormGradients& sums) {
  check_backward(norm, what, sums);
  const LaunchScope scope(what.input);
  const std::int64_t columns = what.input.size(-1);
  const std::int64_t rows = what.input.numel() / columns;
  int blocks = 0;
  C10_CUDA_CHECK(norm_backward_blocks(rows, &blocks));
  const at::Tensor partials = at::empty({blocks, is_centered(norm) ? 2 : 1, columns},
                                        what.input.options().dtype(at::kFloat));
  const at::Tensor result = at::empty_like(what.input);
  launch_by_type(what.input, [&]<typename T>(T) {
    return launch_norm_backward<T>({.input = elements_of<T>(what.input),
                                    .weight = elements_of<T>(norm.weight),
                                    .gradient = elements_of<T>(what.gradient),
                                    .residual = elements_of<T>(what.residual),
                                    .mean = elements_of<float>(what.mean),
                                    .scale = elements_of<float>(what.scale),
                                    .input_gradient = elements_of<T>(result),
                                    .partials = elements_of<float>(partials),
                                    .weight_gradient = elements_of<float>(sums.weight),
                                    .bias_gradient = elements_of<float>(sums.bias),
                                    .rows = rows,
                                    .columns = columns,
                                    .blocks = blocks},
                                   scope.stream());
  });
  return result;
}

}  // namespace galvatron
