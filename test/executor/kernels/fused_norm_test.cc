#include "executor/kernels/fused_norm.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/native_layer_norm.h>
#include <ATen/ops/native_layer_norm_backward.h>
#include <ATen/ops/ones.h>

#include "test/executor/kernels/gpu_numbers.h"

#undef CHECK
#include "test/catch.h"

namespace galvatron {
namespace {

enum class Kind { layer, rms };

struct NormCase {
  Kind kind = Kind::layer;
  at::ScalarType type = at::kFloat;
  Start start = Start::aligned;
  std::int64_t rows = 0;
  std::int64_t columns = 0;
};

struct NormInputs {
  NormWeights norm;
  at::Tensor input;
  at::Tensor gradient;
  at::Tensor residual;
};

NormInputs inputs_of(const NormCase& of) {
  const auto draw = [&](std::vector<std::int64_t> shape, std::uint64_t seed) {
    return normals({.shape = std::move(shape), .type = of.type, .start = of.start, .seed = seed});
  };
  return {.norm = {.weight = draw({of.columns}, 1),
                   .bias = of.kind == Kind::layer ? draw({of.columns}, 2) : at::Tensor(),
                   .epsilon = 1e-5},
          .input = draw({of.rows, of.columns}, 3).add_(0.5),
          .gradient = draw({of.rows, of.columns}, 4),
          .residual = draw({of.rows, of.columns}, 5)};
}

// Output, gradients of input, weight and, of LayerNorm, bias.
using Results = std::vector<at::Tensor>;

Results layer_norm_on_cpu(const NormInputs& in) {
  const at::Tensor input = exact(in.input);
  const at::Tensor weight = exact(in.norm.weight);
  const at::Tensor bias = exact(in.norm.bias);
  auto [output, mean, scale] =
      at::native_layer_norm(input, {input.size(1)}, weight, bias, in.norm.epsilon);
  auto [of_input, of_weight, of_bias] = at::native_layer_norm_backward(
      exact(in.gradient), input, {input.size(1)}, mean, scale, weight, bias, {true, true, true});
  return {output, of_input.add(exact(in.residual)), of_weight, of_bias};
}

Results rms_norm_on_cpu(const NormInputs& in) {
  const at::Tensor input = exact(in.input);
  const at::Tensor weight = exact(in.norm.weight);
  const at::Tensor gradient = exact(in.gradient);
  const at::Tensor scale = input.square().mean(1, true).add(in.norm.epsilon).rsqrt();
  const at::Tensor normed = input * scale;
  const at::Tensor along = gradient * weight;
  return {normed * weight,
          scale * (along - normed * (along * normed).mean(1, true)) + exact(in.residual),
          (gradient * normed).sum(0)};
}

// Weights' gradients begin at 1: the kernel adds.
Results on_gpu(const NormInputs& in) {
  const NormedRows rows = fused_norm(in.norm, in.input);
  const auto options = in.input.options().dtype(at::kFloat);
  NormGradients sums{.weight = at::ones({in.input.size(1)}, options)};
  if (in.norm.bias.defined()) sums.bias = at::ones({in.input.size(1)}, options);
  const at::Tensor of_input = fused_norm_backward(in.norm,
                                                  {.input = in.input,
                                                   .mean = rows.mean,
                                                   .scale = rows.scale,
                                                   .gradient = in.gradient,
                                                   .residual = in.residual},
                                                  sums);
  Results results{rows.output, of_input, sums.weight.sub(1)};
  if (sums.bias.defined()) results.push_back(sums.bias.sub(1));
  return results;
}

void compare(const NormCase& of) {
  const NormInputs inputs = inputs_of(of);
  const Results expected =
      of.kind == Kind::layer ? layer_norm_on_cpu(inputs) : rms_norm_on_cpu(inputs);
  const Results actual = on_gpu(inputs);
  REQUIRE(actual.size() == expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) {
    CAPTURE(i);
    CHECK(distance(actual[i], expected[i]) < tolerance(of.type));
  }
}

}  // namespace

TEST_CASE("fused norms are those of the CPU") {
  const Kind kind = GENERATE(Kind::layer, Kind::rms);
  const at::ScalarType type = GENERATE(at::kFloat, at::kBFloat16);
  const Start start = GENERATE(Start::aligned, Start::odd);
  CAPTURE(kind, type, start);
  compare({kind, type, start, 1, 8});
  compare({kind, type, start, 37, 16});
  compare({kind, type, start, 700, 1600});  // more rows than blocks of threads
  compare({kind, type, start, 9, 2051});
  compare({kind, type, start, 5, 12288});  // more shared memory than is had unasked
}

TEST_CASE("fused norms need no residual") {
  NormInputs inputs = inputs_of({.rows = 37, .columns = 48});
  const at::Tensor with = on_gpu(inputs).at(1);
  const at::Tensor residual = std::exchange(inputs.residual, at::Tensor());
  CHECK(distance(on_gpu(inputs).at(1).add(residual), with) < 1e-6);
}

TEST_CASE("fused norms repeat their bits") {
  const NormInputs inputs = inputs_of({.type = at::kBFloat16, .rows = 3000, .columns = 512});
  const Results first = on_gpu(inputs);
  const Results second = on_gpu(inputs);
  for (std::size_t i = 0; i < first.size(); ++i) CHECK(first[i].equal(second[i]));
}

}  // namespace galvatron
