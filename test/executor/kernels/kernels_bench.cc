// Times of our kernels on a GPU beside LibTorch's own operators for the same work, in bf16 at the
// sizes of a block of 8192 tokens. Prints microseconds and the bytes that the kernel must move per
// second.
#include <ATen/TensorOperators.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/gelu_backward.h>
#include <ATen/ops/native_layer_norm.h>
#include <ATen/ops/native_layer_norm_backward.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/silu_backward.h>
#include <ATen/ops/zeros.h>
#include <c10/cuda/CUDAFunctions.h>
#include <fmt/format.h>

#include <chrono>
#include <functional>

#include "executor/kernels/fused_activation.h"
#include "executor/kernels/fused_adamw.h"
#include "executor/kernels/fused_norm.h"
#include "executor/kernels/rotate_heads.h"
#include "executor/kernels/token_softmax.h"
#include "executor/layers/attention.h"
#include "executor/layers/gradient.h"

namespace galvatron {
namespace {

constexpr std::int64_t kRows = 8192;
constexpr std::int64_t kHidden = 2048;
constexpr std::int64_t kWidth = 5504;
constexpr std::int64_t kVocabulary = 50304;

at::TensorOptions on_gpu(at::ScalarType type) { return at::device(at::kCUDA).dtype(type); }

at::Tensor draw(std::vector<std::int64_t> shape, at::ScalarType type = at::kBFloat16) {
  return at::randn(shape, on_gpu(type));
}

using Work = std::function<void()>;

double microseconds(const Work& work) {
  using Clock = std::chrono::steady_clock;
  constexpr int kRounds = 20;
  for (int i = 0; i < 3; ++i) work();
  c10::cuda::device_synchronize();
  const auto begin = Clock::now();
  for (int i = 0; i < kRounds; ++i) work();
  c10::cuda::device_synchronize();
  return std::chrono::duration<double, std::micro>(Clock::now() - begin).count() / kRounds;
}

// `bytes`: read and written at least once.
void compare(std::string_view name, double bytes, const Work& ours, const Work& libtorch) {
  const double own = microseconds(ours);
  fmt::print("{:28} {:9.1f} us  {:6.0f} GB/s   LibTorch {:9.1f} us\n", name, own, bytes / own / 1e3,
             microseconds(libtorch));
}

double bytes_of(std::initializer_list<at::Tensor> tensors) {
  double sum = 0;
  for (const at::Tensor& tensor : tensors) sum += static_cast<double>(tensor.nbytes());
  return sum;
}

void time_adamw() {
  constexpr std::int64_t kElements = 100'000'000;
  const at::Tensor weights = draw({kElements}, at::kFloat);
  const at::Tensor gradient = weights.clone();
  const at::Tensor mean = weights.clone();
  const at::Tensor square = weights.square();
  const at::Tensor copy = weights.to(at::kBFloat16);
  const at::Tensor updates = at::zeros({}, on_gpu(at::kFloat));
  const double all = bytes_of({weights, gradient, mean, square});
  compare(
      "AdamW, copy, zero gradient", 2 * all + bytes_of({copy}),
      [&] {
        fused_adamw({weights, gradient, mean, square, copy},
                    {.learning_rate = 1e-4, .beta1 = 0.9, .beta2 = 0.999, .updates = 1});
      },
      [&] {
        updates.add_(1);
        at::_fused_adamw_({weights}, {gradient}, {mean}, {square}, {}, {updates}, 1e-4, 0.9, 0.999,
                          0.0, 1e-8, /*amsgrad=*/false, /*maximize=*/false);
        copy.copy_(weights);
        gradient.zero_();
      });
}

void time_layer_norm() {
  const at::Tensor input = draw({kRows, kHidden});
  const NormWeights norm{.weight = draw({kHidden}), .bias = draw({kHidden}), .epsilon = 1e-5};
  const at::Tensor gradient = draw({kRows, kHidden});
  const at::Tensor residual = draw({kRows, kHidden});
  const NormGradients sums{.weight = draw({kHidden}, at::kFloat),
                           .bias = draw({kHidden}, at::kFloat)};
  const NormedRows rows = fused_norm(norm, input);
  const auto [output, mean, scale] =
      at::native_layer_norm(input, {kHidden}, norm.weight, norm.bias, 1e-5);
  compare(
      "LayerNorm", 2 * bytes_of({input}), [&] { fused_norm(norm, input); },
      [&] { at::native_layer_norm(input, {kHidden}, norm.weight, norm.bias, 1e-5); });
  compare(
      "LayerNorm backward, residual", 4 * bytes_of({input}),
      [&] {
        fused_norm_backward(norm, {input, rows.mean, rows.scale, gradient, residual}, sums);
      },
      [&, mean = mean, scale = scale] {
        auto [of_input, of_weight, of_bias] = at::native_layer_norm_backward(
            gradient, input, {kHidden}, mean, scale, norm.weight, norm.bias, {true, true, true});
        of_input.add_(residual);
        sums.weight.add_(of_weight);
        sums.bias.add_(of_bias);
      });
}

void time_rms_norm() {
  const at::Tensor input = draw({kRows, kHidden});
  const NormWeights norm{.weight = draw({kHidden}), .epsilon = 1e-5};
  compare(
      "RMS norm", 2 * bytes_of({input}), [&] { fused_norm(norm, input); },
      [&] {
        const at::Tensor scale = input.to(at::kFloat).square().mean(1, true).add_(1e-5).rsqrt_();
        input.mul(scale).to(at::kBFloat16).mul_(norm.weight);
      });
}

void time_activations() {
  const at::Tensor gate = draw({kRows, kWidth});
  const at::Tensor up = draw({kRows, kWidth});
  const at::Tensor gradient = draw({kRows, kWidth});
  const auto silu = Activation::silu;
  const auto gelu = Activation::gelu_tanh;
  compare(
      "SwiGLU", 3 * bytes_of({gate}), [&] { fused_gate(silu, gate, up); },
      [&] { at::silu(gate).mul_(up); });
  compare(
      "SwiGLU backward", 5 * bytes_of({gate}),
      [&] {
        fused_gate_backward(silu, {gate, up}, gradient);
      },
      [&] {
        at::silu_backward(gradient.mul(up), gate);
        at::silu(gate).mul_(gradient);
      });
  compare(
      "GeLU", 2 * bytes_of({gate}), [&] { fused_activation(gelu, gate); },
      [&] { at::gelu(gate, "tanh"); });
  compare(
      "GeLU backward", 3 * bytes_of({gate}),
      [&] { fused_activation_backward(gelu, gate, gradient); },
      [&] { at::gelu_backward(gradient, gate, "tanh"); });
}

void time_rotation() {
  constexpr std::int64_t kHalf = 64;
  const at::Tensor heads = draw({kRows, kHidden});
  const at::Tensor cosine = draw({kRows, 1, kHalf});
  const at::Tensor sine = draw({kRows, 1, kHalf});
  const std::vector<float> frequencies(kHalf, 0.1F);
  compare(
      "rotary positions", 2 * bytes_of({heads}),
      [&] { rotate_heads({.frequencies = frequencies, .sequence_length = 2048}, heads); },
      [&] {
        const at::Tensor from = heads.view({kRows, -1, 2 * kHalf});
        const at::Tensor result = from.clone();
        const at::Tensor first = from.narrow(2, 0, kHalf);
        const at::Tensor second = from.narrow(2, kHalf, kHalf);
        result.narrow(2, 0, kHalf).mul_(cosine).addcmul_(second, sine, -1);
        result.narrow(2, kHalf, kHalf).mul_(cosine).addcmul_(first, sine);
      });
}

void time_cross_entropy() {
  const at::Tensor logits = draw({kRows, kVocabulary});
  const at::Tensor targets = at::randint(kVocabulary, {kRows}, on_gpu(at::kLong));
  const at::Tensor upstream = at::zeros({}, on_gpu(at::kFloat));
  const LogitColumns columns{.first = 0, .tokens = kVocabulary};
  compare(
      "cross-entropy and gradient", 3 * bytes_of({logits}),
      [&] {
        const LogitStatistics all = logit_statistics(logits, columns, targets);
        write_logit_gradient(logits, columns,
                             {.largest = all.largest,
                              .sum = all.sum,
                              .targets = targets,
                              .upstream = upstream,
                              .ignored = -100});
      },
      [&] {
        const at::Tensor probabilities = logits.to(at::kFloat);
        probabilities.sub_(probabilities.amax(1, true)).exp_();
        probabilities.div_(probabilities.sum(1, true));
        probabilities.to(at::kBFloat16);
      });
}

// Of 4 samples of 2048 tokens; prints the rate of its products.
void time_attention(std::int64_t head_size) {
  constexpr std::int64_t kSamples = 4;
  const AttentionShape shape{.samples = kSamples, .head_size = head_size, .causal = true};
  AttentionInput rows{draw({kRows, kHidden}), draw({kRows, kHidden}), draw({kRows, kHidden})};
  for (at::Tensor* leaf : {&rows.query, &rows.key, &rows.value}) leaf->requires_grad_(true);
  const at::Tensor gradient = draw({kRows, kHidden});
  const double forward = 2.0 * kRows * (kRows / kSamples) * kHidden;
  const double once = microseconds([&] { attention(shape, rows); });
  const double both = microseconds([&] { attention(shape, rows).backward(gradient); });
  fmt::print("attention, heads of {:<8} {:9.1f} us  {:6.0f} TFLOP/s, with backward {:9.1f} us\n",
             head_size, once, forward / once / 1e6, both);
}

void time_gradient() {
  const at::Tensor left = draw({kRows, kHidden});
  const at::Tensor right = draw({kRows, kWidth});
  const at::Tensor sum = draw({kHidden, kWidth}, at::kFloat);
  compare(
      "weight gradient in fp32", bytes_of({left, right, sum, sum}),
      [&] { add_product(sum, left.t(), right); }, [&] { sum.add_(left.t().mm(right)); });
}

void time_bias_gradient() {
  const at::Tensor rows = draw({kRows, kWidth});
  const at::Tensor sum = draw({kWidth}, at::kFloat);
  compare(
      "bias gradient in fp32", bytes_of({rows}), [&] { add_row_sum(sum, rows); },
      [&] { sum.add_(rows.sum(0, false, at::kFloat)); });
}

}  // namespace
}  // namespace galvatron

int main() {
  if (c10::cuda::device_count() == 0) {
    fmt::print("skipped: no CUDA device\n");
    return 0;
  }
  galvatron::time_adamw();
  galvatron::time_layer_norm();
  galvatron::time_rms_norm();
  galvatron::time_activations();
  galvatron::time_rotation();
  galvatron::time_cross_entropy();
  for (const std::int64_t head_size : {64, 128}) galvatron::time_attention(head_size);
  galvatron::time_gradient();
  galvatron::time_bias_gradient();
}
