// T5's relative positions: how far a key stands from a query, in a few buckets.
//
// Half of the buckets are one distance each, the others grow with the logarithm up to `distance`,
// from where on all share the last one. Two-sided ones divide the buckets between the keys up to
// the query and those after it; one-sided ones put all keys after it into bucket 0. Source: Raffel
// et al., "Exploring the Limits of Transfer Learning with a Unified Text-to-Text Transformer",
// 2020.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace galvatron {

struct PositionBuckets {
  std::int64_t count = 32;
  std::int64_t distance = 128;
  enum class Sides { both, before } sides = Sides::both;
};

// The bucket of every pair, [queries * keys] int32, a query's keys one after another. Logarithms
// are taken in fp32 on the CPU and truncated, as transformers does: buckets begin where its do.
at::Tensor position_buckets(const PositionBuckets& buckets, std::int64_t queries, std::int64_t keys,
                            const at::Device& device = at::kCPU);

}  // namespace galvatron
