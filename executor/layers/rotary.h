// Rotary positions in Hugging Face's half-split layout: element i of a head is rotated together
// with element i + size/2, by position x frequency(i). Source: Su et al., "RoFormer", 2021;
// scaling: the Llama 3.1 model code.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>

#include "planner/model/model.h"

namespace galvatron {

struct Rotary {
  std::int64_t head_size = 0;
  std::int64_t sequence_length = 0;
  double theta = 10000;
  std::optional<RopeScaling> scaling;
};

// [sequence_length, head_size / 2] fp32: the angle of each pair at each position.
at::Tensor rotary_angles(const Rotary& rotary);

// heads is [samples * sequence_length, heads * head_size]; the result is fresh. Keeps nothing.
at::Tensor rotate(const Rotary& rotary, const at::Tensor& heads);

}  // namespace galvatron
