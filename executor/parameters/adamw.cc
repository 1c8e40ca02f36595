#include "executor/parameters/adamw.h"

#include <ATen/ops/_fused_adamw.h>

namespace galvatron {

void update(UnitBuffers& unit, const AdamW& optimizer, double learning_rate) {
  unit.updates.add_(1);
  const at::Tensor weights = updated_weights(unit);
  const at::Tensor gradient = updated_gradient(unit);
  at::_fused_adamw_({weights}, {gradient}, {unit.first_moment}, {unit.second_moment}, {},
                    {unit.updates}, learning_rate, optimizer.beta1, optimizer.beta2,
                    optimizer.weight_decay, optimizer.epsilon, /*amsgrad=*/false,
                    /*maximize=*/false);
  refresh_weights(unit);
  unit.gradient.zero_();
}

}  // namespace galvatron
