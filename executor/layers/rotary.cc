#include "executor/layers/rotary.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/outer.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "executor/kernels/rotate_heads.h"
#include "executor/layers/held_state.h"

namespace galvatron {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Long waves are stretched by `factor`, short ones left alone, those between interpolated.
float scaled_frequency(const RopeScaling& scaling, float frequency) {
  const double wave = 2 * std::numbers::pi / static_cast<double>(frequency);
  const double smooth = std::clamp(
      (static_cast<double>(scaling.original_positions) / wave - scaling.low_frequency_factor) /
          (scaling.high_frequency_factor - scaling.low_frequency_factor),
      0.0, 1.0);
  const double stretched = static_cast<double>(frequency) / scaling.factor;
  return static_cast<float>(stretched + smooth * (static_cast<double>(frequency) - stretched));
}

// [head size / 2]: how far a pair turns from one position to the next.
std::vector<float> frequencies_of(const Rotary& rotary) {
  std::vector<float> frequencies;
  for (std::int64_t i = 0; i < rotary.head_size; i += 2) {
    const auto exponent = static_cast<float>(i) / static_cast<float>(rotary.head_size);
    const float frequency = 1 / std::pow(static_cast<float>(rotary.theta), exponent);
    frequencies.push_back(rotary.scaling ? scaled_frequency(*rotary.scaling, frequency)
                                         : frequency);
  }
  return frequencies;
}

using Turn = HeadRotation::Turn;

at::Tensor turned_on_gpu(const Rotary& rotary, const at::Tensor& heads, Turn turn) {
  const std::vector<float> frequencies = frequencies_of(rotary);
  return rotate_heads(
      {.frequencies = frequencies, .sequence_length = rotary.sequence_length, .turn = turn},
      heads.contiguous());
}

at::Tensor turned(const Rotary& rotary, const at::Tensor& heads, Turn turn) {
  if (heads.is_cuda()) return turned_on_gpu(rotary, heads, turn);
  const at::Tensor angles = rotary_angles(rotary).unsqueeze(1);  // [S, 1, D/2]
  const at::Tensor cosine = angles.cos().to(heads.scalar_type());
  const at::Tensor sine = angles.sin().to(heads.scalar_type());
  const std::vector<std::int64_t> shape{-1, rotary.sequence_length,
                                        heads.size(1) / rotary.head_size, rotary.head_size};
  const std::int64_t half = rotary.head_size / 2;
  const at::Tensor from = heads.view(shape);
  const at::Tensor result = at::empty_like(heads);
  at::Tensor first = result.view(shape).narrow(3, 0, half);
  at::Tensor second = result.view(shape).narrow(3, half, half);
  const double sign = turn == Turn::forward ? 1 : -1;
  at::mul_out(first, from.narrow(3, 0, half), cosine)
      .addcmul_(from.narrow(3, half, half), sine, -sign);
  at::mul_out(second, from.narrow(3, half, half), cosine)
      .addcmul_(from.narrow(3, 0, half), sine, sign);
  return result;
}

class Rotate : public torch::autograd::Function<Rotate> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& heads, Rotary rotary) {
    const at::Tensor result = turned(rotary, heads, Turn::forward);
    hold(context, std::move(rotary));
    return result;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    return {turned(take_held<Rotary>(context), gradients.at(0), Turn::back), {}};
  }
};

}  // namespace

at::Tensor rotary_angles(const Rotary& rotary) {
  std::vector<float> frequencies = frequencies_of(rotary);
  return at::outer(at::arange(rotary.sequence_length, at::kFloat),
                   at::from_blob(frequencies.data(), {rotary.head_size / 2}, at::kFloat));
}

at::Tensor rotate(const Rotary& rotary, const at::Tensor& heads) {
  return Rotate::apply(heads, rotary);
}

}  // namespace galvatron
