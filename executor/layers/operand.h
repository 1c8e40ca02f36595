// What a product multiplies: a tensor, or a tensor and the way to compute it again.
//
// A product keeps its input for the weight gradient. Under selective recomputation it keeps the
// recipe instead, which holds only what is kept anyway (the norm's or the activation's input).
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>

#include "cost_models/strategy.h"

namespace galvatron {

struct Operand {
  at::Tensor value;
  std::function<at::Tensor()> again;  // empty: the value is kept
};

// `recipe` is dropped unless recomputation is selective (full keeps everything while it
// recomputes).
inline Operand operand(at::Tensor value, Recompute recompute, std::function<at::Tensor()> recipe) {
  return {.value = std::move(value),
          .again = recompute == Recompute::selective ? std::move(recipe) : nullptr};
}

}  // namespace galvatron
