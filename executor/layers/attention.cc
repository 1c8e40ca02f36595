#include "executor/layers/attention.h"

#include <ATen/ops/_scaled_dot_product_flash_attention_for_cpu.h>
#include <ATen/ops/_scaled_dot_product_flash_attention_for_cpu_backward.h>

#include <optional>
#include <utility>

#include "executor/layers/attention_on_gpu.h"
#include "executor/layers/held_state.h"

namespace galvatron {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// [samples * sequence, heads * size] -> view [samples, heads, sequence, size], what the kernel
// takes.
at::Tensor by_head(const AttentionShape& shape, const at::Tensor& rows) {
  const std::int64_t sequence = rows.size(0) / shape.samples;
  return rows.view({shape.samples, sequence, -1, shape.head_size}).transpose(1, 2);
}

// And back; a copy only where the kernel chose another memory order.
at::Tensor by_row(const at::Tensor& heads) {
  return heads.transpose(1, 2).reshape({heads.size(0) * heads.size(2), -1});
}

std::optional<at::Tensor> mask_of(const AttentionShape& shape) {
  return shape.mask.defined() ? std::optional(shape.mask) : std::nullopt;
}

AttentionInput by_head(const AttentionShape& shape, const AttentionInput& rows) {
  return {.query = by_head(shape, rows.query),
          .key = by_head(shape, rows.key),
          .value = by_head(shape, rows.value)};
}

// The same Function for tensors on a GPU.
class GpuAttentionFunction : public torch::autograd::Function<GpuAttentionFunction> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& query,
                            const at::Tensor& key, const at::Tensor& value, AttentionShape shape) {
    const GpuAttention result = attend_on_gpu(shape, by_head(shape, {query, key, value}));
    at::Tensor output = by_row(result.output);
    variable_list kept{query, key, value, output};
    kept.insert(kept.end(), result.kept.begin(), result.kept.end());
    context->save_for_backward(std::move(kept));
    hold(context, std::move(shape));
    return output;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto shape = take_held<AttentionShape>(context);
    const variable_list kept = context->get_saved_variables();
    const auto [query, key, value] = attend_backward_on_gpu(
        shape,
        {.heads = by_head(shape, {kept[0], kept[1], kept[2]}),
         .forward = {.output = by_head(shape, kept[3]), .kept = {kept.begin() + 4, kept.end()}},
         .gradient = by_head(shape, gradients.at(0).contiguous())});
    return {by_row(query), by_row(key), by_row(value), {}};
  }
};

class AttentionFunction : public torch::autograd::Function<AttentionFunction> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& query,
                            const at::Tensor& key, const at::Tensor& value, AttentionShape shape) {
    auto [heads, logsumexp] = at::_scaled_dot_product_flash_attention_for_cpu(
        by_head(shape, query), by_head(shape, key), by_head(shape, value), 0.0, shape.causal,
        mask_of(shape));
    at::Tensor output = by_row(heads);
    context->save_for_backward({query, key, value, output, logsumexp});
    hold(context, shape);
    return output;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto shape = take_held<AttentionShape>(context);
    const variable_list kept = context->get_saved_variables();
    auto [query, key, value] = at::_scaled_dot_product_flash_attention_for_cpu_backward(
        by_head(shape, gradients.at(0)), by_head(shape, kept[0]), by_head(shape, kept[1]),
        by_head(shape, kept[2]), by_head(shape, kept[3]), kept[4], 0.0, shape.causal,
        mask_of(shape));
    return {by_row(query), by_row(key), by_row(value), {}};
  }
};

}  // namespace

at::Tensor attention(const AttentionShape& shape, const AttentionInput& input) {
  return input.query.is_cuda()
             ? GpuAttentionFunction::apply(input.query, input.key, input.value, shape)
             : AttentionFunction::apply(input.query, input.key, input.value, shape);
}

}  // namespace galvatron
