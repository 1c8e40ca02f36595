#include "executor/layers/rotary.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/outer.h>
#include <ATen/ops/pow.h>
#include <ATen/ops/where.h>

#include <numbers>

#include "executor/layers/held_state.h"

namespace galvatron {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Long waves are stretched by `factor`, short ones left alone, those between interpolated.
at::Tensor scaled_frequencies(const RopeScaling& scaling, const at::Tensor& frequencies) {
  const double original = static_cast<double>(scaling.original_positions);
  const at::Tensor waves = frequencies.reciprocal().mul_(2 * std::numbers::pi);
  const at::Tensor smooth = waves.reciprocal()
                                .mul_(original)
                                .sub_(scaling.low_frequency_factor)
                                .div_(scaling.high_frequency_factor - scaling.low_frequency_factor)
                                .clamp_(0, 1);
  const at::Tensor stretched = frequencies.div(scaling.factor);
  return stretched + smooth * (frequencies - stretched);
}

enum class Turn { forward, back };

at::Tensor turned(const Rotary& rotary, const at::Tensor& heads, Turn turn) {
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
  const at::Tensor exponents =
      at::arange(0, rotary.head_size, 2, at::kFloat).div_(static_cast<double>(rotary.head_size));
  at::Tensor frequencies = at::pow(rotary.theta, exponents).reciprocal_();
  if (rotary.scaling) frequencies = scaled_frequencies(*rotary.scaling, frequencies);
  return at::outer(at::arange(rotary.sequence_length, at::kFloat), frequencies);
}

at::Tensor rotate(const Rotary& rotary, const at::Tensor& heads) {
  return Rotate::apply(heads, rotary);
}

}  // namespace galvatron
