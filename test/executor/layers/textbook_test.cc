// Each block on one rank against the family's formulas, written with LibTorch's own operators.
#include <ATen/TensorOperators.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/rms_norm.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/tensor.h>

#include "executor/layers/position_buckets.h"
#include "test/executor/layers/layer_run.h"

#undef CHECK
#include <cmath>
#include <functional>
#include <limits>
#include <utility>

#include "test/catch.h"

namespace galvatron {
namespace {

using Formula = std::function<at::Tensor(const std::vector<at::Tensor>&, const at::Tensor&)>;

constexpr std::int64_t kSamples = 2;

at::Tensor heads_of(const at::Tensor& rows, std::int64_t head_size) {
  return rows.view({kSamples, rows.size(0) / kSamples, -1, head_size}).transpose(1, 2);
}

at::Tensor causal_attention(const at::Tensor& query, const at::Tensor& key,
                            const at::Tensor& value) {
  return at::scaled_dot_product_attention(query, key, value, {}, 0, true, std::nullopt,
                                          /*enable_gqa=*/true)
      .transpose(1, 2)
      .reshape({query.size(0) * query.size(2), -1});
}

at::Tensor gpt2_block(const Gpt2Config& c, const std::vector<at::Tensor>& p, const at::Tensor& x) {
  const auto norm = [&](const at::Tensor& rows, std::size_t first) {
    return at::layer_norm(rows, {c.hidden}, p[first], p[first + 1], c.norm_epsilon);
  };
  const std::vector<at::Tensor> qkv = at::addmm(p[3], norm(x, 0), p[2]).chunk(3, 1);
  const std::int64_t size = c.hidden / c.heads;
  const at::Tensor heads =
      causal_attention(heads_of(qkv[0], size), heads_of(qkv[1], size), heads_of(qkv[2], size));
  const at::Tensor middle = x + at::addmm(p[5], heads, p[4]);
  const at::Tensor up = at::gelu(at::addmm(p[9], norm(middle, 6), p[8]), "tanh");
  return middle + at::addmm(p[11], up, p[10]);
}

// rotate_half of transformers, with the frequencies of Llama 3.1's rope_scaling.
at::Tensor rotated(const LlamaConfig& c, const at::Tensor& heads) {
  std::vector<double> angles;
  for (std::int64_t position = 0; position < heads.size(2); ++position) {
    for (std::int64_t pair = 0; pair < c.head_size / 2; ++pair) {
      const double exponent = 2.0 * static_cast<double>(pair) / static_cast<double>(c.head_size);
      const double frequency = std::pow(c.rope_theta, -exponent);
      const RopeScaling& s = *c.rope_scaling;
      const double turns =
          static_cast<double>(s.original_positions) * frequency / (2 * 3.14159265358979);
      const double smooth =
          (turns - s.low_frequency_factor) / (s.high_frequency_factor - s.low_frequency_factor);
      const double kept = std::min(1.0, std::max(0.0, smooth));
      angles.push_back(static_cast<double>(position) * frequency * (kept + (1 - kept) / s.factor));
    }
  }
  const at::Tensor half = at::tensor(angles).view({heads.size(2), -1});
  const at::Tensor both = at::cat({half, half}, 1);
  const std::vector<at::Tensor> halves = heads.chunk(2, -1);
  return heads * both.cos().to(at::kFloat) +
         at::cat({-halves[1], halves[0]}, -1) * both.sin().to(at::kFloat);
}

at::Tensor llama_block(const LlamaConfig& c, const std::vector<at::Tensor>& p,
                       const at::Tensor& x) {
  const at::Tensor normed = at::rms_norm(x, {c.hidden}, p[0], c.norm_epsilon);
  const auto project = [&](std::size_t index) {
    return heads_of(at::linear(normed, p[index]), c.head_size);
  };
  const at::Tensor heads =
      causal_attention(rotated(c, project(1)), rotated(c, project(2)), project(3));
  const at::Tensor middle = x + at::linear(heads, p[4]);
  const at::Tensor second = at::rms_norm(middle, {c.hidden}, p[5], c.norm_epsilon);
  return middle + at::linear(at::silu(at::linear(second, p[6])) * at::linear(second, p[7]), p[8]);
}

// softmax(q k^T + bias) v of rows that attend to others, with weights q, k, v.
at::Tensor t5_attention(const T5Config& c, const std::vector<at::Tensor>& weights,
                        const std::pair<at::Tensor, at::Tensor>& rows, const at::Tensor& bias) {
  const auto project = [&](const at::Tensor& of, std::size_t weight) {
    return heads_of(at::linear(of, weights[weight]), c.head_size);
  };
  const at::Tensor scores =
      project(rows.first, 0).matmul(project(rows.second, 1).transpose(2, 3)) + bias;
  return scores.softmax(-1)
      .matmul(project(rows.second, 2))
      .transpose(1, 2)
      .reshape({rows.first.size(0), -1});
}

// [1, heads, queries, keys] of the table's buckets.
at::Tensor t5_bias(const T5Config& c, const at::Tensor& table, PositionBuckets::Sides sides,
                   std::int64_t tokens) {
  const PositionBuckets buckets{
      .count = c.position_buckets, .distance = c.position_distance, .sides = sides};
  return table.index_select(0, position_buckets(buckets, tokens, tokens))
      .view({1, tokens, tokens, c.heads})
      .permute({0, 3, 1, 2});
}

// p.back() is the table of positions.
at::Tensor t5_decoder_block(const T5Config& c, const std::vector<at::Tensor>& p,
                            const at::Tensor& x, const at::Tensor& seen) {
  const std::int64_t target = c.target_sequence_length;
  const at::Tensor both = x.view({kSamples, -1, c.hidden});
  const std::int64_t source = both.size(1) - target;
  const at::Tensor encoded = both.narrow(1, 0, source).reshape({-1, c.hidden});
  const auto norm = [&](const at::Tensor& rows, std::size_t weight) {
    return at::rms_norm(rows, {c.hidden}, p[weight], c.norm_epsilon);
  };
  at::Tensor states = both.narrow(1, source, target).reshape({-1, c.hidden});
  const at::Tensor later = at::ones({target, target}, at::kBool).triu(1);
  const at::Tensor bias = t5_bias(c, p.back(), PositionBuckets::Sides::before, target)
                              .masked_fill(later, -std::numeric_limits<double>::infinity());
  const at::Tensor first = norm(states, 0);
  states = states + at::linear(t5_attention(c, {p[1], p[2], p[3]}, {first, first}, bias), p[4]);
  const at::Tensor mask = seen.view({kSamples, 1, 1, source}).eq(0).to(at::kFloat).mul(-1e9);
  states = states +
           at::linear(t5_attention(c, {p[6], p[7], p[8]}, {norm(states, 5), encoded}, mask), p[9]);
  const at::Tensor third = norm(states, 10);
  states = states +
           at::linear(at::gelu(at::linear(third, p[11]), "tanh") * at::linear(third, p[12]), p[13]);
  return at::cat({both.narrow(1, 0, source), states.view({kSamples, target, c.hidden})}, 1)
      .view({-1, c.hidden});
}

double difference(const at::Tensor& actual, const at::Tensor& expected) {
  return (actual - expected).abs().max().item<double>() / expected.abs().max().item<double>();
}

// Output, input gradient and every parameter's gradient.
void check_against(const LayerCase& layer_case, const Formula& formula) {
  TestGroup alone(1);
  const LayerRun run = run_layer(layer_case, alone);
  const LayerInputs inputs = layer_inputs(layer_case, *alone.group);
  inputs.input.requires_grad_(true);
  const at::Tensor output = formula(inputs.parameters, inputs.input);
  output.backward(inputs.output_gradient);

  CHECK(difference(run.output, output.detach()) < 1e-5);
  CHECK(difference(run.input_gradient, inputs.input.grad()) < 1e-5);
  for (std::size_t i = 0; i < inputs.parameters.size(); ++i) {
    INFO(layer_case.layer.parameters[i].name);
    CHECK(difference(run.gradients[i], inputs.parameters[i].grad()) < 2e-5);
  }
}

LayerCase without_dropout(const Model& model, std::size_t type) {
  return {.model = model,
          .layer = layers_of(model).at(type),
          .strategy = {},
          .samples = kSamples,
          .dropout = Dropout::none};
}

}  // namespace

TEST_CASE("a GPT-2 block is attention and MLP, each after a norm and around a residual") {
  const Model model = tiny_gpt2();
  check_against(without_dropout(model, 1), [&](const auto& parameters, const auto& x) {
    return gpt2_block(std::get<Gpt2Config>(model.config), parameters, x);
  });
}

TEST_CASE("a Llama block rotates halves, groups key-value heads and gates with silu") {
  const Model model = tiny_llama();
  check_against(without_dropout(model, 1), [&](const auto& parameters, const auto& x) {
    return llama_block(std::get<LlamaConfig>(model.config), parameters, x);
  });
}

TEST_CASE("a T5 decoder attends to itself with a bias and to the encoder's tokens that are seen") {
  const Model model = tiny_t5();
  const LayerCase layer_case = without_dropout(model, 3);
  check_against(layer_case, [&](const auto& parameters, const auto& x) {
    return t5_decoder_block(std::get<T5Config>(model.config), parameters, x,
                            sample_input(layer_case, SampleInput::seen));
  });
}

// What T5Attention._relative_position_bucket of transformers 4.57.6 returns, as the keys' positions
// less the query's at which its runs of equal buckets begin.
TEST_CASE("buckets of relative positions begin where transformers' do") {
  using Runs = std::vector<std::pair<std::int64_t, int>>;
  const auto runs_of = [](const PositionBuckets& buckets) {
    constexpr std::int64_t kTokens = 161;
    const at::Tensor all = position_buckets(buckets, kTokens, kTokens).view({kTokens, kTokens});
    Runs runs;
    for (std::int64_t relative = 1 - kTokens; relative < kTokens; ++relative) {
      const std::int64_t query = relative < 0 ? kTokens - 1 : 0;
      const int bucket = all[query][query + relative].item<int>();
      if (runs.empty() || runs.back().second != bucket) runs.emplace_back(relative, bucket);
    }
    return runs;
  };
  CHECK(runs_of({.count = 32, .distance = 128}) ==
        Runs{{-160, 15}, {-90, 14}, {-63, 13}, {-45, 12}, {-31, 11}, {-22, 10}, {-15, 9}, {-11, 8},
             {-7, 7},    {-6, 6},   {-5, 5},   {-4, 4},   {-3, 3},   {-2, 2},   {-1, 1},  {0, 0},
             {1, 17},    {2, 18},   {3, 19},   {4, 20},   {5, 21},   {6, 22},   {7, 23},  {8, 24},
             {12, 25},   {16, 26},  {23, 27},  {32, 28},  {46, 29},  {64, 30},  {91, 31}});
  CHECK(runs_of({.count = 32, .distance = 128, .sides = PositionBuckets::Sides::before}) ==
        Runs{{-160, 31}, {-112, 30}, {-98, 29}, {-86, 28}, {-76, 27}, {-66, 26}, {-58, 25},
             {-51, 24},  {-45, 23},  {-39, 22}, {-34, 21}, {-30, 20}, {-26, 19}, {-23, 18},
             {-20, 17},  {-18, 16},  {-15, 15}, {-14, 14}, {-13, 13}, {-12, 12}, {-11, 11},
             {-10, 10},  {-9, 9},    {-8, 8},   {-7, 7},   {-6, 6},   {-5, 5},   {-4, 4},
             {-3, 3},    {-2, 2},    {-1, 1},   {0, 0}});
  CHECK(runs_of({.count = 9, .distance = 11}) ==
        Runs{{-160, 3}, {-4, 2}, {-1, 1}, {0, 0}, {1, 5}, {2, 6}, {5, 7}});
  CHECK(runs_of({.count = 9, .distance = 11, .sides = PositionBuckets::Sides::before}) ==
        Runs{{-160, 8}, {-8, 7}, {-7, 6}, {-5, 5}, {-4, 4}, {-3, 3}, {-2, 2}, {-1, 1}, {0, 0}});
}

TEST_CASE("the head's loss is the sum of the targets' cross-entropies over the normalizer") {
  const Model model = tiny_gpt2();
  const LayerCase layer_case = without_dropout(model, 2);
  const auto& config = std::get<Gpt2Config>(model.config);
  check_against(layer_case, [&](const std::vector<at::Tensor>& p, const at::Tensor& x) {
    const at::Tensor normed = at::layer_norm(x, {config.hidden}, p[0], p[1], config.norm_epsilon);
    return at::cross_entropy_loss(at::linear(normed, p[2]), layer_targets(layer_case), {},
                                  at::Reduction::Sum)
        .div(kNormalizer);
  });
}

}  // namespace galvatron
