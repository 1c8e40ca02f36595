#include "executor/run/gradient_norm.h"

#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <array>
#include <span>

namespace galvatron {
namespace {

// On the CPU without the copy in doubles that LibTorch would make. Four sums, because one would
// wait for each addition.
double sum_of_squares(std::span<const float> values) {
  std::array<double, 4> sums{};
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double value = values[i];
    sums[i % sums.size()] += value * value;
  }
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

// The gradients of the pieces, neighbours in one buffer as one.
std::vector<at::Tensor> gradients_of(const ParameterStore& store,
                                     const std::vector<OwnedPiece>& pieces) {
  std::vector<at::Tensor> gradients;
  for (auto piece = pieces.begin(); piece != pieces.end();) {
    ElementRange range = piece->shard;
    const ParameterStore::Place place{piece->layer, piece->unit};
    while (++piece != pieces.end() && place == ParameterStore::Place{piece->layer, piece->unit} &&
           piece->shard.begin == range.end) {
      range.end = piece->shard.end;
    }
    gradients.push_back(
        updated_gradient(store.unit(place)).narrow(0, range.begin, element_count(range)));
  }
  return gradients;
}

}  // namespace

at::Tensor squared_gradient_norm(const ParameterStore& store, const std::vector<OwnedPiece>& pieces,
                                 at::Device device) {
  const std::vector<at::Tensor> gradients = gradients_of(store, pieces);
  if (!device.is_cpu() && !gradients.empty()) {
    return at::stack(at::_foreach_norm(gradients, 2, at::kDouble)).square_().sum();
  }
  const at::Tensor sum = at::zeros({}, at::TensorOptions(device).dtype(at::kDouble));
  for (const at::Tensor& gradient : gradients) {
    *sum.mutable_data_ptr<double>() += sum_of_squares(
        {gradient.const_data_ptr<float>(), static_cast<std::size_t>(gradient.numel())});
  }
  return sum;
}

void clip_gradients(ParameterStore& store, double limit, double norm) {
  const double scale = std::min(1.0, limit / (norm + 1e-6));
  if (scale == 1.0) return;
  for (const ParameterStore::Place& place : store.stored()) {
    updated_gradient(store.unit(place)).mul_(scale);
  }
}

}  // namespace galvatron
