// Rotary positions in one pass: element i of a head is rotated together with element i + size/2.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>

namespace galvatron {

struct HeadRotation {
  std::span<const float> frequencies;  // [head size / 2], at most 256: the angle per position
  std::int64_t sequence_length = 0;    // row i stands at position i % sequence_length
  enum class Turn { forward, back } turn = Turn::forward;
};

// heads is [rows, heads * head size], fp32 or bf16, contiguous; the result is fresh. Angles, their
// cosines and the products are fp32; the frequencies travel with the launch.
at::Tensor rotate_heads(const HeadRotation& rotation, const at::Tensor& heads);

}  // namespace galvatron
