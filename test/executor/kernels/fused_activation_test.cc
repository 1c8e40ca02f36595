#include "executor/kernels/fused_activation.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/gelu_backward.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/silu_backward.h>
#include <ATen/ops/threshold_backward.h>

#include "test/executor/kernels/gpu_numbers.h"

#undef CHECK
#include "test/catch.h"

namespace galvatron {
namespace {

at::Tensor value_on_cpu(Activation activation, const at::Tensor& input) {
  switch (activation) {
    case Activation::gelu_tanh:
      return at::gelu(input, "tanh");
    case Activation::gelu_erf:
      return at::gelu(input, "none");
    case Activation::relu:
      return input.relu();
    case Activation::silu:
      return at::silu(input);
  }
  return {};
}

at::Tensor gradient_on_cpu(Activation activation, const at::Tensor& gradient,
                           const at::Tensor& input) {
  switch (activation) {
    case Activation::gelu_tanh:
      return at::gelu_backward(gradient, input, "tanh");
    case Activation::gelu_erf:
      return at::gelu_backward(gradient, input, "none");
    case Activation::relu:
      return at::threshold_backward(gradient, input, 0);
    case Activation::silu:
      return at::silu_backward(gradient, input);
  }
  return {};
}

}  // namespace

TEST_CASE("fused activations and their gradients are those of the CPU") {
  const Activation activation =
      GENERATE(Activation::gelu_tanh, Activation::gelu_erf, Activation::relu, Activation::silu);
  const at::ScalarType type = GENERATE(at::kFloat, at::kBFloat16);
  const Start start = GENERATE(Start::aligned, Start::odd);
  const std::int64_t elements = GENERATE(1, 8, 4099, 300000);
  CAPTURE(activation, type, start, elements);
  const auto draw = [&](std::uint64_t seed) {
    return normals({.shape = {elements}, .type = type, .start = start, .seed = seed});
  };
  const at::Tensor input = draw(1).mul_(4);
  const at::Tensor up = draw(2);
  const at::Tensor gradient = draw(3);
  const at::Tensor value = value_on_cpu(activation, exact(input));
  const at::Tensor slope = gradient_on_cpu(activation, exact(gradient), exact(input));

  CHECK(distance(fused_activation(activation, input), value) < tolerance(type));
  CHECK(distance(fused_activation_backward(activation, input, gradient), slope) < tolerance(type));
  CHECK(distance(fused_gate(activation, input, up), value * exact(up)) < tolerance(type));
  const GateInput of = fused_gate_backward(activation, {.gate = input, .up = up}, gradient);
  CHECK(distance(of.gate, slope * exact(up)) < tolerance(type));
  CHECK(distance(of.up, value * exact(gradient)) < tolerance(type));
}

TEST_CASE("fused activations stay finite far out") {
  const at::Tensor input = normals({.shape = {64}}).mul_(1000);
  for (const Activation activation :
       {Activation::gelu_tanh, Activation::gelu_erf, Activation::silu}) {
    CHECK(distance(fused_activation(activation, input), value_on_cpu(activation, exact(input))) <
          1e-6);
  }
}

}  // namespace galvatron
