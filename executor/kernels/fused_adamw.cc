#include "executor/kernels/fused_adamw.h"

#include <cmath>

#include "executor/kernels/fused_adamw_launch.h"
#include "executor/kernels/kernel_tensor.h"

namespace galvatron {
namespace {

void check(const AdamWShard& shard) {
  const std::int64_t elements = shard.weights.numel();
  check_tensor(shard.weights, "weights", at::kFloat, elements);
  check_tensor(shard.gradient, "gradient", at::kFloat, elements);
  check_tensor(shard.first_moment, "first moment", at::kFloat, elements);
  check_tensor(shard.second_moment, "second moment", at::kFloat, elements);
  if (shard.copy.defined()) check_tensor(shard.copy, "copy", at::kBFloat16, elements);
}

AdamWFactors factors_of(const AdamWStep& step) {
  const auto rounded = [](double value) { return static_cast<float>(value); };
  const double mean_correction = 1 - std::pow(step.beta1, step.updates);
  const double square_correction = 1 - std::pow(step.beta2, step.updates);
  return {.kept = rounded(1 - step.learning_rate * step.weight_decay),
          .step_size = rounded(step.learning_rate / mean_correction),
          .root_scale = rounded(1 / std::sqrt(square_correction)),
          .epsilon = rounded(step.epsilon),
          .beta1 = rounded(step.beta1),
          .rest1 = rounded(1 - step.beta1),
          .beta2 = rounded(step.beta2),
          .rest2 = rounded(1 - step.beta2)};
}

}  // namespace

void fused_adamw(const AdamWShard& shard, const AdamWStep& step) {
  check(shard);
  const LaunchScope scope(shard.weights);
  C10_CUDA_CHECK(launch_adamw({.weights = elements_of<float>(shard.weights),
                               .gradient = elements_of<float>(shard.gradient),
                               .first_moment = elements_of<float>(shard.first_moment),
                               .second_moment = elements_of<float>(shard.second_moment),
                               .copy = elements_of<__nv_bfloat16>(shard.copy),
                               .elements = shard.weights.numel()},
                              factors_of(step), scope.stream()));
}

}  // namespace galvatron
