#include "cost_models/compute.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "cost_models/rounding.h"

namespace galvatron {
namespace {

constexpr double kTileRows = 128;
constexpr double kTileColumns = 256;
constexpr std::int64_t kAlignment = 8;          // elements that tensor cores want
constexpr double kWeightGradientShare = 0.95;   // of the rate of the other products
constexpr double kFp32AccumulationBytes = 8;    // read and written, per element
constexpr double kAttentionBackwardWork = 2.5;  // in forward's: five products instead of two
constexpr double kQueriesPerBlock = 128;

double saturation(double size, double half) { return size / (size + half); }

bool is_aligned(const ProductShape& shape) {
  return shape.m % kAlignment == 0 && shape.n % kAlignment == 0 && shape.k % kAlignment == 0;
}

// The last wave of tiles leaves multiprocessors idle.
double wave_share(const ProductShape& shape, const Device& device, double exponent) {
  const double tiles = std::ceil(static_cast<double>(shape.m) / kTileRows) *
                       std::ceil(static_cast<double>(shape.n) / kTileColumns) *
                       static_cast<double>(shape.batch);
  const double waves = tiles / device.multiprocessors;
  return std::pow(waves / std::ceil(waves), exponent);
}

double product_efficiency(const ProductShape& shape, const Device& device, const ProductLaw& law,
                          double tile_cost) {
  const double narrow = static_cast<double>(std::min(shape.m, shape.n));
  const double efficiency =
      law.ceiling * saturation(static_cast<double>(shape.k), tile_cost * law.half_depth) *
      saturation(narrow, tile_cost * law.half_width) * wave_share(shape, device, law.wave_exponent);
  if (is_aligned(shape)) return efficiency;
  return efficiency * (shape.batch > 1 ? law.misaligned_batched : law.misaligned);
}

Seconds memory_time(double bytes, const Device& device) {
  return {bytes / (device.memory_rate.value * device.memory_efficiency)};
}

Seconds product_time(const ProductShape& shape, const Device& device, Precision precision,
                     double output_bytes) {
  assert(device.peak[precision] && device.product[precision]);
  const double m = static_cast<double>(shape.m);
  const double n = static_cast<double>(shape.n);
  const double k = static_cast<double>(shape.k);
  const double batch = static_cast<double>(shape.batch);
  if (m * n * k == 0) return {};
  const ProductLaw& law = *device.product[precision];
  const bool is_fp8 = precision == Precision::fp8;
  const double tile_cost = is_fp8 ? 2 : 1;  // a tile's fixed work weighs double at double rate
  const double input_bytes = is_fp8 ? 1 : static_cast<double>(element_bytes(precision));
  const Flops work{2 * m * n * k * batch};
  const FlopsPerSecond rate =
      *device.peak[precision] * product_efficiency(shape, device, law, tile_cost);
  const double bytes = batch * (input_bytes * (m * k + k * n) + output_bytes * m * n);
  return std::max(work / rate, memory_time(bytes, device)) + law.launch;
}

// Attention and what else stays out of fp8 computes in 16 bit.
Precision attention_precision(Precision precision) {
  return precision == Precision::fp8 ? Precision::bf16 : precision;
}

double pairs(const AttentionShape& shape) {
  return static_cast<double>(shape.samples * shape.heads) * static_cast<double>(shape.queries) *
         static_cast<double>(shape.keys);
}

}  // namespace

Seconds product_time(const ProductShape& shape, const Device& device, Precision precision) {
  return product_time(shape, device, precision, static_cast<double>(element_bytes(precision)));
}

Seconds input_gradient_time(const ProductShape& forward, const Device& device,
                            Precision precision) {
  return product_time({forward.m, forward.k, forward.n, forward.batch}, device, precision);
}

Seconds weight_gradient_time(const ProductShape& forward, const Device& device,
                             Precision precision) {
  return product_time({forward.n, forward.k, forward.m, forward.batch}, device, precision,
                      kFp32AccumulationBytes) /
         kWeightGradientShare;
}

PassTimes fused_attention_time(const AttentionShape& shape, const Device& device,
                               Precision precision, FlashKernel kernel) {
  const Precision format = attention_precision(precision);
  assert(device.peak[format] && device.product[format]);
  const AttentionLaw& law = device.attention;
  const double size = static_cast<double>(shape.head_size);
  const double waves = static_cast<double>(shape.samples * shape.heads * shape.queries) /
                       kQueriesPerBlock / device.multiprocessors;
  // Small heads leave the products inside the kernel shallow.
  const double head_share = std::min(1.0, 1.19 * size / (size + 24));
  const double kernel_share = kernel == FlashKernel::flash2 ? law.flash2_share.value_or(1) : 1;
  const Flops work{4 * pairs(shape) * size * (shape.causal ? shape.causal_share : 1)};
  const FlopsPerSecond peak = *device.peak[format] * (head_share * kernel_share);
  const Seconds launch = device.product[format]->launch;
  return {
      .forward =
          work / (peak * law.forward_ceiling * saturation(waves, law.forward_half_waves)) + launch,
      .backward = work * kAttentionBackwardWork /
                      (peak * law.backward_ceiling * saturation(waves, law.backward_half_waves)) +
                  launch * 2};
}

PassTimes unfused_attention_time(const AttentionShape& shape, const Device& device,
                                 Precision precision, AttentionDropout dropout) {
  const Precision format = attention_precision(precision);
  Device batched = device;
  batched.product[format]->ceiling = device.attention.unfused_ceiling;
  const std::int64_t e = shape.head_size;
  const std::int64_t batch = shape.samples * shape.heads;
  const Seconds scores = product_time({shape.queries, shape.keys, e, batch}, batched, format);
  const Seconds context = product_time({shape.queries, e, shape.keys, batch}, batched, format);
  const double width = static_cast<double>(element_bytes(format));
  const double square = pairs(shape) * width;
  const double copied =
      0.75 * width * static_cast<double>(batch * (shape.queries + shape.keys) * e);
  const Seconds dropped =
      dropout == AttentionDropout::kernel ? stream_time(2.5 * square, device) : Seconds{};
  const Seconds copies = stream_time(copied, device) * 2;  // heads apart, and together again
  const Seconds products = scores + context;
  return {.forward = products + stream_time(2 * square, device) + dropped + copies,
          .backward = products * 2 + stream_time(3 * square, device) + dropped + copies};
}

Seconds stream_time(double bytes, const Device& device) {
  return memory_time(bytes, device) + device.stream_launch;
}

}  // namespace galvatron
