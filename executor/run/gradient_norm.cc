#include "executor/run/gradient_norm.h"

#include <algorithm>
#include <array>

namespace galvatron {
namespace {

// Four sums, because one would wait for each addition.
double sum_of_squares(std::span<const float> values) {
  std::array<double, 4> sums{};
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double value = values[i];
    sums[i % sums.size()] += value * value;
  }
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

}  // namespace

double squared_gradient_norm(const ParameterStore& store, const std::vector<OwnedPiece>& pieces) {
  double sum = 0;
  for (const OwnedPiece& piece : pieces) {
    const at::Tensor gradient = updated_gradient(store.unit({piece.layer, piece.unit}));
    sum += sum_of_squares({gradient.const_data_ptr<float>() + piece.shard.begin,
                           static_cast<std::size_t>(element_count(piece.shard))});
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
