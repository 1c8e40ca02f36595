// Time of kernels: matrix products, attention, elementwise streams.
//
// A kernel lasts work / (peak x efficiency) or bytes / memory rate, whichever is longer, and a
// launch. The efficiency laws stand with their constants in device.h. All of them require that the
// device knows the format (computes_in).
#pragma once

#include <cstdint>

#include "cost_models/device.h"
#include "cost_models/runtime_laws.h"
#include "cost_models/units.h"

namespace galvatron {

// [m, k] x [k, n], `batch` times.
struct ProductShape {
  std::int64_t m = 0;
  std::int64_t n = 0;
  std::int64_t k = 0;
  std::int64_t batch = 1;

  bool operator==(const ProductShape&) const = default;
};

Seconds product_time(const ProductShape& shape, const Device& device, Precision precision);

// The two backward products of y = x W, where `forward` is the shape of y: the gradient of x, and
// that of W, which is added to an fp32 buffer.
Seconds input_gradient_time(const ProductShape& forward, const Device& device, Precision precision);
Seconds weight_gradient_time(const ProductShape& forward, const Device& device,
                             Precision precision);

// The attention of one rank: its samples and its heads.
struct AttentionShape {
  std::int64_t samples = 1;  // or windows, where each has some
  std::int64_t queries = 0;  // of one sample
  std::int64_t keys = 0;
  std::int64_t heads = 0;
  std::int64_t head_size = 0;
  bool causal = true;
  double causal_share = 0.5;  // of the square

  bool operator==(const AttentionShape&) const = default;
};

struct PassTimes {
  Seconds forward{};
  Seconds backward{};

  bool operator==(const PassTimes&) const = default;
};

// One kernel forward, two backward; a causal one does its share of the square only.
PassTimes fused_attention_time(const AttentionShape& shape, const Device& device,
                               Precision precision, FlashKernel kernel = FlashKernel::newest);

enum class AttentionDropout { none, kernel };

// Batched products over the whole square, with softmax, dropout and layout copies as streams.
PassTimes unfused_attention_time(const AttentionShape& shape, const Device& device,
                                 Precision precision, AttentionDropout dropout);

// An elementwise kernel that moves so many bytes.
Seconds stream_time(double bytes, const Device& device);

}  // namespace galvatron
