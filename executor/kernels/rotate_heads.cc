#include "executor/kernels/rotate_heads.h"

#include <ATen/ops/empty_like.h>

#include <algorithm>

#include "executor/kernels/kernel_tensor.h"
#include "executor/kernels/rotate_heads_launch.h"

namespace galvatron {

at::Tensor rotate_heads(const HeadRotation& rotation, const at::Tensor& heads) {
  check_like(heads, "heads", heads);
  if (rotation.frequencies.size() > kMostFrequencies) {
    throw std::invalid_argument(fmt::format("the rotary kernel takes heads of up to {}, got {}",
                                            2 * kMostFrequencies, 2 * rotation.frequencies.size()));
  }
  const LaunchScope scope(heads);
  const at::Tensor result = at::empty_like(heads);
  const auto half = static_cast<std::int64_t>(rotation.frequencies.size());
  launch_by_type(heads, [&]<typename T>(T) {
    RotationArrays<T> arrays{.from = elements_of<T>(heads),
                             .to = elements_of<T>(result),
                             .rows = heads.size(0),
                             .sequence_length = rotation.sequence_length,
                             .heads = static_cast<int>(heads.size(1) / (2 * half)),
                             .half = static_cast<int>(half),
                             .sign = rotation.turn == HeadRotation::Turn::forward ? 1.0F : -1.0F};
    std::copy(rotation.frequencies.begin(), rotation.frequencies.end(), arrays.frequencies);
    return launch_rotation<T>(arrays, scope.stream());
  });
  return result;
}

}  // namespace galvatron
