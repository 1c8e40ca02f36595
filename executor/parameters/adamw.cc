#include "executor/parameters/adamw.h"

#include <ATen/ops/_fused_adamw.h>

#include "executor/kernels/fused_adamw.h"

namespace galvatron {
namespace {

// The part of the compute type's weights that follows the master; undefined without one.
at::Tensor rounded_weights(const UnitBuffers& unit) {
  if (!unit.master.defined()) return {};
  return unit.weights.whole().narrow(0, unit.layout.shard.begin, element_count(unit.layout.shard));
}

// Updates and rounds the shard and zeroes its part of the gradient, all in one pass. Of a gradient
// that is whole the other ranks' parts are left.
void update_on_gpu(UnitBuffers& unit, const AdamW& optimizer, double learning_rate) {
  fused_adamw({.weights = updated_weights(unit),
               .gradient = updated_gradient(unit),
               .first_moment = unit.first_moment,
               .second_moment = unit.second_moment,
               .copy = rounded_weights(unit)},
              {.learning_rate = learning_rate,
               .beta1 = optimizer.beta1,
               .beta2 = optimizer.beta2,
               .epsilon = optimizer.epsilon,
               .weight_decay = optimizer.weight_decay,
               .updates = unit.updates.item<double>()});
  if (!keeps_whole_gradients(unit.layout.zero)) return;
  const ElementRange& shard = unit.layout.shard;
  unit.gradient.narrow(0, 0, shard.begin).zero_();
  unit.gradient.narrow(0, shard.end, unit.gradient.numel() - shard.end).zero_();
}

}  // namespace

void update(UnitBuffers& unit, const AdamW& optimizer, double learning_rate) {
  unit.updates.add_(1);
  const at::Tensor weights = updated_weights(unit);
  if (weights.is_cuda()) {
    update_on_gpu(unit, optimizer, learning_rate);
    return;
  }
  const at::Tensor gradient = updated_gradient(unit);
  at::_fused_adamw_({weights}, {gradient}, {unit.first_moment}, {unit.second_moment}, {},
                    {unit.updates}, learning_rate, optimizer.beta1, optimizer.beta2,
                    optimizer.weight_decay, optimizer.epsilon, /*amsgrad=*/false,
                    /*maximize=*/false);
  refresh_weights(unit);
  unit.gradient.zero_();
}

}  // namespace galvatron
