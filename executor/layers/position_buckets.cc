#include "executor/layers/position_buckets.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/where.h>

#include <cmath>

namespace galvatron {
namespace {

// Of distances >= 0, [n] int64, by the `count` buckets of one side.
at::Tensor one_side(const at::Tensor& distances, std::int64_t count, std::int64_t farthest) {
  const std::int64_t exact = count / 2;
  const double range = std::log(static_cast<double>(farthest) / static_cast<double>(exact));
  const at::Tensor grown = distances.to(at::kFloat)
                               .div_(static_cast<double>(exact))
                               .log_()
                               .div_(range)
                               .mul_(static_cast<double>(count - exact))
                               .to(at::kLong)
                               .add_(exact)
                               .clamp_max_(count - 1);
  return at::where(distances.lt(exact), distances, grown);
}

}  // namespace

at::Tensor position_buckets(const PositionBuckets& buckets, std::int64_t queries, std::int64_t keys,
                            const at::Device& device) {
  // Key's position less the query's: all there are.
  const at::Tensor relative = at::arange(1 - queries, keys, at::kLong);
  at::Tensor numbers;
  switch (buckets.sides) {
    case PositionBuckets::Sides::both: {
      const std::int64_t half = buckets.count / 2;
      numbers = one_side(relative.abs(), half, buckets.distance).add_(relative.gt(0).mul(half));
      break;
    }
    case PositionBuckets::Sides::before:
      numbers = one_side(relative.neg().clamp_min_(0), buckets.count, buckets.distance);
      break;
  }
  // Query i sees the window that begins at -i, entry queries - 1 - i.
  return numbers.to(at::kInt)
      .to(device, /*non_blocking=*/true)
      .unfold(0, keys, 1)
      .flip({0})
      .reshape({-1});
}

}  // namespace galvatron
