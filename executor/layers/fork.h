// One tensor used twice, whose two gradients become one without a third tensor.
#pragma once

#include <ATen/core/Tensor.h>

namespace galvatron {

struct Fork {
  at::Tensor branch;    // what it is used for must return a fresh gradient, as products do
  at::Tensor residual;  // goes around the branch
};

// Two views. Backward adds the residual's gradient to the branch's, in place. Keeps nothing.
Fork fork(const at::Tensor& x);

}  // namespace galvatron
