#include "cost_models/layer_compute.h"

#include <cmath>
#include <optional>

#include "cost_models/layer_collectives.h"
#include "cost_models/rounding.h"

namespace galvatron {
namespace {

constexpr double kForwardShareOfLoss = 0.55;  // of the bytes of the cross-entropy
constexpr double kRecomputedByOp = 0.5;       // of the products: every second one

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

// The products as the runtime runs them: those of one input may be one.
std::vector<ProductShape> product_shapes(const Layer& layer, const LayerSetting& setting,
                                         ProductGrouping grouping) {
  std::vector<ProductShape> shapes;
  for (std::size_t i = 0; i < layer.products.size(); ++i) {
    const ProductShape shape = local_shape(layer, layer.products[i], setting);
    if (grouping == ProductGrouping::joined && joins_previous_input(layer.products, i)) {
      shapes.back().n += shape.n;
    } else {
      shapes.push_back(shape);
    }
  }
  return shapes;
}

// A head stays out of fp8.
Precision product_precision(const Layer& layer, Precision precision) {
  return precision == Precision::fp8 && layer.kind == LayerKind::head ? Precision::bf16 : precision;
}

// Elements that fp8 quantizes for the products of one layer.
struct Quantized {
  double inputs = 0;  // each once, though several products take it
  double weights = 0;
  double gradients = 0;  // of outputs
};

Quantized quantized(const Layer& layer, const LayerSetting& setting, const TrafficLaws& laws) {
  const auto elements = [](std::int64_t rows, std::int64_t columns) {
    return static_cast<double>(rows) * static_cast<double>(columns);
  };
  // Before a gather that moves fp8, of the shard alone.
  const double shard =
      laws.fp8_activations ? 1.0 / sequence_split(layout_of(setting.strategy)) : 1.0;
  Quantized sum;
  for (std::size_t i = 0; i < layer.products.size(); ++i) {
    const Product& product = layer.products[i];
    const ProductShape shape = local_shape(layer, product, setting);
    const bool is_column = product.split == Product::Split::column;
    const bool is_row = product.split == Product::Split::row;
    if (!joins_previous_input(layer.products, i)) {
      sum.inputs += elements(shape.m, shape.k) * (is_column ? shard : 1);
    }
    if (!laws.fp8_parameters) sum.weights += elements(shape.n, shape.k);
    sum.gradients += elements(shape.m, shape.n) * (is_row ? shard : 1);
  }
  return sum;
}

Times cast_times(const Layer& layer, const LayerSetting& setting, const Cluster& cluster) {
  const RuntimeLaws laws = laws_of(cluster.runtime);
  const Quantized elements = quantized(layer, setting, laws.traffic);
  double forward = elements.inputs;
  double backward = elements.gradients;
  if (laws.kernels.fp8_requantizes) {
    forward += elements.weights;
    backward += elements.inputs + elements.weights;
  }
  const Device& device = cluster.hardware.device;
  return {.forward = stream_time(laws.kernels.fp8_cast_bytes * forward, device),
          .backward = stream_time(laws.kernels.fp8_cast_bytes * backward, device)};
}

Times product_times(const Layer& layer, const LayerSetting& setting, const Cluster& cluster) {
  const KernelLaws kernels = laws_of(cluster.runtime).kernels;
  const Device& device = cluster.hardware.device;
  const Precision precision = product_precision(layer, setting.precision);
  Times sum;
  for (const ProductShape& shape : product_shapes(layer, setting, kernels.products)) {
    sum.forward += product_time(shape, device, precision);
    sum.backward += input_gradient_time(shape, device, precision) +
                    weight_gradient_time(shape, device, precision);
  }
  if (precision == Precision::fp8) add(sum, cast_times(layer, setting, cluster));
  return sum;
}

// Of the square that each rank of a context group has: half where all have the same.
double causal_share(const KernelLaws& kernels, int context) {
  return kernels.context_split == ContextSplit::contiguous ? (context - 0.5) / context : 0.5;
}

Times attention_times(const Layer& layer, const Attention& attention, const LayerSetting& setting,
                      const Cluster& cluster) {
  const KernelLaws kernels = laws_of(cluster.runtime).kernels;
  const AttentionShape shape{.samples = setting.group_tokens * setting.context /
                                        layer.tokens_per_sample * attention.windows,
                             .queries = tokens_or_all(layer, attention.queries) / setting.context,
                             .keys = tokens_or_all(layer, attention.keys),
                             .heads = attention.heads / setting.strategy.tensor,
                             .head_size = attention.head_size,
                             .causal = attention.causal,
                             .causal_share = causal_share(kernels, setting.context)};
  const Device& device = cluster.hardware.device;
  if (cluster.runtime.attention == AttentionKernel::fused && !attention.biased) {
    const PassTimes times = fused_attention_time(shape, device, setting.precision, kernels.flash);
    return {.forward = times.forward, .backward = times.backward};
  }
  const bool drops = cluster.runtime.attention == AttentionKernel::unfused_with_dropout;
  const PassTimes times = unfused_attention_time(
      shape, device, setting.precision, drops ? AttentionDropout::kernel : AttentionDropout::none);
  return {.forward = times.forward, .backward = times.backward, .recomputed = times.forward};
}

// By what a runtime's kernel moves more than the fused one of the layer's table.
struct StreamFactors {
  double forward = 1;
  double backward = 1;
};

// Bytes per element of PyTorch's eager kernels, which copy to fp32 and back, over those of fused
// ones: norm 34 and 58 over 4 and 8, rotary 24 and 30 over 4 and 4, SwiGLU 10 and 16 over 6 and 10.
StreamFactors eager_factors(StreamWork work) {
  switch (work) {
    case StreamWork::norm:
      return {.forward = 34.0 / 4, .backward = 58.0 / 8};
    case StreamWork::rotary:
      return {.forward = 24.0 / 4, .backward = 30.0 / 4};
    case StreamWork::gated:
      return {.forward = 10.0 / 6, .backward = 16.0 / 10};
    case StreamWork::residual:
    case StreamWork::activation:
    case StreamWork::other:
      break;
  }
  return {};
}

StreamFactors stream_factors(StreamWork work, const Runtime& runtime) {
  // Dropout writes a mask of one byte, and keeps a gradient of its own: 7 and 5 bytes, not 6 and 2.
  const bool drops = runtime.attention == AttentionKernel::unfused_with_dropout;
  if (drops && work == StreamWork::residual) return {.forward = 7.0 / 6, .backward = 5.0 / 2};
  const bool is_eager = laws_of(runtime).kernels.elementwise == Elementwise::eager;
  return is_eager ? eager_factors(work) : StreamFactors{};
}

Times stream_times(const Layer& layer, const LayerSetting& setting, const Cluster& cluster) {
  Times sum;
  const Device& device = cluster.hardware.device;
  const auto width = static_cast<double>(element_bytes(setting.precision));
  for (const Stream& stream : layer.streams) {
    const StreamFactors factors = stream_factors(stream.work, cluster.runtime);
    const double bytes = width * spread_tokens(stream.spread, setting);
    const Seconds forward =
        stream_time(stream.forward_elements_per_token * factors.forward * bytes, device);
    sum.forward += forward;
    sum.backward +=
        stream_time(stream.backward_elements_per_token * factors.backward * bytes, device);
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

LayerCompute lawful_compute(const Layer& layer, const LayerSetting& setting,
                            const Cluster& cluster) {
  Times sum;
  const Times products = product_times(layer, setting, cluster);
  const Times streams = stream_times(layer, setting, cluster);
  add(sum, products);
  Times attentions;
  for (const Attention& attention : layer.attentions) {
    add(attentions, attention_times(layer, attention, setting, cluster));
  }
  add(sum, attentions);
  add(sum, streams);
  add(sum, loss_times(layer, setting, cluster));
  LayerCompute compute{.forward = sum.forward,
                       .backward = sum.backward,
                       .attention = {attentions.forward, attentions.backward}};
  switch (setting.strategy.recompute) {
    case Recompute::none:
      break;
    case Recompute::selective:
      compute.recompute = laws_of(cluster.runtime).kernels.selective == SelectiveRecompute::listed
                              ? sum.recomputed
                              : attentions.recomputed;
      break;
    case Recompute::op:
      compute.recompute = products.forward * kRecomputedByOp + streams.forward;
      break;
    case Recompute::full:
      compute.recompute = sum.forward;
      break;
  }
  return compute;
}

// The setting of a point of a profile, without recomputation.
LayerSetting setting_at(const ProfileQuery& point, const Layer& layer, LayerSetting setting) {
  setting.strategy.tensor = point.tensor;
  setting.strategy.sequence_parallel = point.sequence_parallel;
  setting.strategy.recompute = Recompute::none;
  setting.context = 1;
  setting.group_tokens = std::llround(point.samples * static_cast<double>(layer.tokens_per_sample));
  return setting;
}

double ratio(Seconds time, Seconds reference) { return reference.value > 0 ? time / reference : 1; }

// Each measured time, times what the kernel laws say of the setting over what they say of the point
// that was measured: 1 at the point itself.
LayerCompute scaled(const ProfiledPasses& measured, const LayerCompute& laws,
                    const LayerCompute& laws_at_point) {
  const double forward = ratio(laws.forward, laws_at_point.forward);
  const double backward = ratio(laws.backward, laws_at_point.backward);
  return {.forward = measured.forward * forward,
          .backward = measured.backward * backward,
          .recompute = {},
          .attention = {laws.attention.forward * ratio(measured.forward, laws_at_point.forward),
                        laws.attention.backward * ratio(measured.backward, laws_at_point.backward)},
          .source = LayerCompute::Source::profile};
}

Seconds measured_recompute(const ProfiledPasses& measured, const LayerCompute& compute,
                           const LayerCompute& laws, Recompute recompute) {
  const double forward = ratio(compute.forward, laws.forward);
  switch (recompute) {
    case Recompute::none:
      return {};
    case Recompute::selective:
      return measured.selective ? *measured.selective * ratio(compute.forward, measured.forward)
                                : laws.recompute * forward;
    case Recompute::op:
      return laws.recompute * forward;
    case Recompute::full:
      return compute.forward;
  }
  return {};
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

ProfileQuery profile_query(const Layer& layer, const LayerSetting& setting) {
  return {.type = layer.type,
          .tensor = setting.strategy.tensor,
          .sequence_parallel = setting.strategy.sequence_parallel,
          .samples = static_cast<double>(setting.group_tokens) /
                     static_cast<double>(layer.tokens_per_sample)};
}

LayerCompute layer_compute(const Layer& layer, const LayerSetting& setting,
                           const Cluster& cluster) {
  const LayerCompute laws = lawful_compute(layer, setting, cluster);
  if (!cluster.profile) return laws;
  const std::optional<ProfiledPasses> measured =
      profiled_passes(*cluster.profile, profile_query(layer, setting));
  if (!measured) return laws;
  const LayerCompute at_point =
      lawful_compute(layer, setting_at(measured->at, layer, setting), cluster);
  LayerCompute compute = scaled(*measured, laws, at_point);
  compute.recompute = measured_recompute(*measured, compute, laws, setting.strategy.recompute);
  return compute;
}

}  // namespace galvatron
