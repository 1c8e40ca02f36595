// AdamW as torch.optim.AdamW: bias correction, decoupled weight decay on every parameter, epsilon
// added to the corrected root.
#pragma once

#include "executor/parameters/unit_buffers.h"

namespace galvatron {

struct AdamW {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0;

  bool operator==(const AdamW&) const = default;
};

// Updates this rank's part of the unit and zeroes its gradient.
void update(UnitBuffers& unit, const AdamW& optimizer, double learning_rate);

}  // namespace galvatron
