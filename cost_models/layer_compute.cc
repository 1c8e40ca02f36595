#include "cost_models/layer_compute.h"

#include "cost_models/layer_collectives.h"
#include "cost_models/rounding.h"

namespace galvatron {
namespace {

constexpr double kForwardShareOfLoss = 0.55;  // of the bytes of the cross-entropy
constexpr double kCastBytes = 3;              // per element quantized to fp8: 2 read, 1 written

// Elements per rank and unit of width.
double spread_tokens(Spread spread, const LayerSetting& setting) {
  const auto tokens = static_cast<double>(setting.group_tokens);
  switch (spread) {
    case Spread::whole:
      return tokens;
    case Spread::sequence:
      return tokens / sequence_split(layout_of(setting.strategy));
    case Spread::tensor:
      return tokens / setting.strategy.tensor;
    case Spread::gathered:
      return setting.strategy.sequence_parallel ? tokens : 0;
  }
  return tokens;
}

struct Times {
  Seconds forward{};
  Seconds backward{};
  Seconds recomputed{};  // the part of forward that selective recomputation repeats
};

void add(Times& sum, const Times& times) {
  sum.forward += times.forward;
  sum.backward += times.backward;
  sum.recomputed += times.recomputed;
}

Times product_times(const Layer& layer, const LayerSetting& setting, const Device& device) {
  Times sum;
  for (std::size_t i = 0; i < layer.products.size(); ++i) {
    const ProductShape shape = local_shape(layer, layer.products[i], setting);
    sum.forward += product_time(shape, device, setting.precision);
    sum.backward += input_gradient_time(shape, device, setting.precision) +
                    weight_gradient_time(shape, device, setting.precision);
    if (setting.precision == Precision::fp8 && !joins_previous_input(layer.products, i)) {
      const double bytes = kCastBytes * static_cast<double>(shape.m * shape.k);
      sum.forward += stream_time(bytes, device);
      sum.backward += stream_time(1.5 * bytes, device);
    }
  }
  return sum;
}

Times attention_times(const Layer& layer, const Attention& attention, const LayerSetting& setting,
                      const Cluster& cluster) {
  const AttentionShape shape{
      .samples = setting.group_tokens / layer.tokens_per_sample * attention.windows,
      .queries = tokens_or_all(layer, attention.queries),
      .keys = tokens_or_all(layer, attention.keys),
      .heads = attention.heads / setting.strategy.tensor,
      .head_size = attention.head_size,
      .causal = attention.causal};
  const Device& device = cluster.hardware.device;
  if (cluster.runtime.attention == AttentionKernel::fused && !attention.biased) {
    const PassTimes times = fused_attention_time(shape, device, setting.precision);
    return {.forward = times.forward, .backward = times.backward};
  }
  const bool drops = cluster.runtime.attention == AttentionKernel::unfused_with_dropout;
  const PassTimes times = unfused_attention_time(
      shape, device, setting.precision, drops ? AttentionDropout::kernel : AttentionDropout::none);
  return {.forward = times.forward, .backward = times.backward, .recomputed = times.forward};
}

Times stream_times(const Layer& layer, const LayerSetting& setting, const Device& device) {
  Times sum;
  const auto width = static_cast<double>(element_bytes(setting.precision));
  for (const Stream& stream : layer.streams) {
    const double bytes = width * spread_tokens(stream.spread, setting);
    const Seconds forward = stream_time(stream.forward_elements_per_token * bytes, device);
    sum.forward += forward;
    sum.backward += stream_time(stream.backward_elements_per_token * bytes, device);
    if (stream.recomputed) sum.recomputed += forward;
  }
  return sum;
}

Times loss_times(const Layer& layer, const LayerSetting& setting, const Cluster& cluster) {
  if (layer.kind != LayerKind::head || layer.vocabulary == 0) return {};
  const auto logits = static_cast<double>(setting.group_tokens *
                                          divide_up(layer.vocabulary, setting.strategy.tensor));
  const double bytes = logits * cluster.runtime.cross_entropy_bytes_per_logit;
  const Device& device = cluster.hardware.device;
  return {.forward = stream_time(bytes * kForwardShareOfLoss, device),
          .backward = stream_time(bytes * (1 - kForwardShareOfLoss), device)};
}

}  // namespace

ProductShape local_shape(const Layer& layer, const Product& product, const LayerSetting& setting) {
  const int tensor = setting.strategy.tensor;
  const bool replicated = product.split == Product::Split::replicated;
  const int split = replicated ? sequence_split(layout_of(setting.strategy)) : 1;
  const std::int64_t tokens =
      group_tokens_of(layer, setting.group_tokens, product.tokens_per_sample);
  return {.m = divide_up(tokens, split),
          .n = product.split == Product::Split::column ? divide_up(product.outputs, tensor)
                                                       : product.outputs,
          .k = product.split == Product::Split::row ? divide_up(product.inputs, tensor)
                                                    : product.inputs};
}

LayerCompute layer_compute(const Layer& layer, const LayerSetting& setting,
                           const Cluster& cluster) {
  const Device& device = cluster.hardware.device;
  Times sum;
  add(sum, product_times(layer, setting, device));
  for (const Attention& attention : layer.attentions) {
    add(sum, attention_times(layer, attention, setting, cluster));
  }
  add(sum, stream_times(layer, setting, device));
  add(sum, loss_times(layer, setting, cluster));
  LayerCompute compute{.forward = sum.forward, .backward = sum.backward};
  switch (setting.strategy.recompute) {
    case Recompute::none:
      break;
    case Recompute::selective:
      compute.recompute = sum.recomputed;
      break;
    case Recompute::full:
      compute.recompute = sum.forward;
      break;
  }
  return compute;
}

}  // namespace galvatron
