#include "executor/layers/attention_on_gpu.h"

#include <ATen/ops/_scaled_dot_product_cudnn_attention.h>
#include <ATen/ops/_scaled_dot_product_cudnn_attention_backward.h>
#include <ATen/ops/_scaled_dot_product_efficient_attention.h>
#include <ATen/ops/_scaled_dot_product_efficient_attention_backward.h>
#include <ATen/ops/_scaled_dot_product_flash_attention.h>
#include <ATen/ops/_scaled_dot_product_flash_attention_backward.h>
#include <ATen/ops/constant_pad_nd.h>

#include <cmath>
#include <optional>

#include "cost_models/rounding.h"
#include "executor/kernels/device.h"

namespace galvatron {
namespace {

constexpr std::int64_t kHeadAlignment = 8;   // elements, of every kernel
constexpr std::int64_t kMaskAlignment = 16;  // elements, of a mask's rows
constexpr std::int64_t kLargestCudnnHead = 128;
constexpr std::int64_t kLargestFlashHead = 256;

enum class Kernel { cudnn, flash, efficient };

Kernel kernel_for(const AttentionShape& shape, const at::Tensor& query) {
  const int capability = compute_capability(query);
  if (query.scalar_type() == at::kFloat || shape.mask.defined() || capability < 8 ||
      shape.head_size > kLargestFlashHead) {
    return Kernel::efficient;
  }
  const bool takes = shape.head_size <= kLargestCudnnHead && query.size(2) > 1;
  return capability >= 9 && takes ? Kernel::cudnn : Kernel::flash;
}

double scale_of(const AttentionShape& shape) {
  return 1 / std::sqrt(static_cast<double>(shape.head_size));
}

at::Tensor filled_up(const at::Tensor& heads) {
  const std::int64_t size = heads.size(3);
  const std::int64_t wanted = round_up(size, kHeadAlignment);
  return wanted == size ? heads : at::constant_pad_nd(heads, {0, wanted - size});
}

// [samples, heads, sequence, sequence], stored as one aligned row per sample; undefined: none.
at::Tensor expanded_mask(const AttentionShape& shape, const at::Tensor& query) {
  if (!shape.mask.defined()) return {};
  const std::int64_t keys = shape.mask.size(3);
  const std::int64_t missing = round_up(keys, kMaskAlignment) - keys;
  return at::constant_pad_nd(shape.mask.to(query.scalar_type()), {0, missing})
      .narrow(3, 0, keys)
      .expand({query.size(0), query.size(1), query.size(2), keys});
}

// As many key or value heads as query heads, each key-value head for as many that follow one
// another.
at::Tensor repeated(const at::Tensor& heads, std::int64_t wanted) {
  const std::int64_t own = heads.size(1);
  if (own == wanted) return heads;
  return heads.unsqueeze(2)
      .expand({-1, -1, wanted / own, -1, -1})
      .reshape({heads.size(0), wanted, heads.size(2), heads.size(3)});
}

// And back: the sum over those that share a head.
at::Tensor added_up(const at::Tensor& gradient, std::int64_t wanted) {
  if (gradient.size(1) == wanted) return gradient;
  return gradient.unflatten(1, {wanted, -1}).sum(2);
}

AttentionInput operands(Kernel kernel, const AttentionInput& heads) {
  AttentionInput result{.query = filled_up(heads.query),
                        .key = filled_up(heads.key),
                        .value = filled_up(heads.value)};
  if (kernel == Kernel::efficient) {
    const std::int64_t wanted = heads.query.size(1);
    result.key = repeated(result.key, wanted);
    result.value = repeated(result.value, wanted);
  }
  return result;
}

GpuAttention run(Kernel kernel, const AttentionShape& shape, const AttentionInput& heads) {
  const auto& [query, key, value] = heads;
  const double scale = scale_of(shape);
  switch (kernel) {
    case Kernel::cudnn: {
      auto result = at::_scaled_dot_product_cudnn_attention(
          query, key, value, std::nullopt, /*compute_log_sumexp=*/true, /*dropout_p=*/0.0,
          shape.causal, /*return_debug_mask=*/false, scale);
      return {std::get<0>(result), {std::get<1>(result), std::get<6>(result), std::get<7>(result)}};
    }
    case Kernel::flash: {
      auto result = at::_scaled_dot_product_flash_attention(query, key, value, /*dropout_p=*/0.0,
                                                            shape.causal,
                                                            /*return_debug_mask=*/false, scale);
      return {std::get<0>(result), {std::get<1>(result), std::get<6>(result), std::get<7>(result)}};
    }
    case Kernel::efficient: {
      const at::Tensor mask = expanded_mask(shape, query);
      auto [output, logsumexp, seed, offset] = at::_scaled_dot_product_efficient_attention(
          query, key, value, mask.defined() ? std::optional(mask) : std::nullopt,
          /*compute_log_sumexp=*/true, /*dropout_p=*/0.0, shape.causal, scale);
      return {output, {logsumexp, seed, offset}};
    }
  }
  return {};
}

using Gradients = std::array<at::Tensor, 3>;

Gradients run_backward(Kernel kernel, const AttentionShape& shape,
                       const GpuAttentionBackward& what) {
  const auto& [query, key, value] = what.heads;
  const at::Tensor& output = what.forward.output;
  const std::vector<at::Tensor>& kept = what.forward.kept;
  const double scale = scale_of(shape);
  const std::int64_t sequence = query.size(2);
  switch (kernel) {
    case Kernel::cudnn: {
      auto [of_query, of_key, of_value] = at::_scaled_dot_product_cudnn_attention_backward(
          what.gradient, query, key, value, output, kept.at(0), kept.at(1), kept.at(2),
          /*attn_bias=*/{}, /*cum_seq_q=*/{}, /*cum_seq_k=*/{}, sequence, sequence,
          /*dropout_p=*/0.0, shape.causal, scale);
      return {of_query, of_key, of_value};
    }
    case Kernel::flash: {
      auto [of_query, of_key, of_value] = at::_scaled_dot_product_flash_attention_backward(
          what.gradient, query, key, value, output, kept.at(0), /*cum_seq_q=*/{}, /*cum_seq_k=*/{},
          sequence, sequence, /*dropout_p=*/0.0, shape.causal, kept.at(1), kept.at(2), scale);
      return {of_query, of_key, of_value};
    }
    case Kernel::efficient: {
      auto [of_query, of_key, of_value, of_mask] =
          at::_scaled_dot_product_efficient_attention_backward(
              what.gradient, query, key, value, expanded_mask(shape, query), output, kept.at(0),
              kept.at(1), kept.at(2), /*dropout_p=*/0.0, {true, true, true, false}, shape.causal,
              scale);
      return {of_query, of_key, of_value};
    }
  }
  return {};
}

}  // namespace

GpuAttention attend_on_gpu(const AttentionShape& shape, const AttentionInput& heads) {
  const Kernel kernel = kernel_for(shape, heads.query);
  GpuAttention result = run(kernel, shape, operands(kernel, heads));
  result.output = result.output.narrow(3, 0, shape.head_size);
  return result;
}

std::array<at::Tensor, 3> attend_backward_on_gpu(const AttentionShape& shape,
                                                 const GpuAttentionBackward& what) {
  const Kernel kernel = kernel_for(shape, what.heads.query);
  Gradients gradients = run_backward(
      kernel, shape,
      {.heads = operands(kernel, what.heads),
       .forward = {.output = filled_up(what.forward.output), .kept = what.forward.kept},
       .gradient = filled_up(what.gradient)});
  const std::int64_t key_heads = what.heads.key.size(1);
  for (at::Tensor& gradient : gradients) gradient = gradient.narrow(3, 0, shape.head_size);
  return {gradients[0], added_up(gradients[1], key_heads), added_up(gradients[2], key_heads)};
}

}  // namespace galvatron
