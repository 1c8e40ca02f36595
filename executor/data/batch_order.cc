#include "executor/data/batch_order.h"

#include <algorithm>
#include <cassert>

#include "executor/random/permutation.h"

namespace galvatron {

std::int64_t row_of_sample(const Dataset& dataset, const BatchOrder& order, std::int64_t step,
                           std::int64_t sample) {
  assert(sample >= 0 && sample < order.global_batch);
  const std::int64_t position = step * order.global_batch + sample;
  const std::int64_t row = position % dataset.rows;
  if (!order.shuffle_seed) return row;
  const std::int64_t epoch = position / dataset.rows;
  return permuted(random_stream(*order.shuffle_seed, "row order", epoch), dataset.rows, row);
}

std::int64_t count_targets(const Dataset& dataset, const BatchOrder& order, std::int64_t step) {
  std::int64_t count = 0;
  for (std::int64_t sample = 0; sample < order.global_batch; ++sample) {
    const Row row = read_row(dataset, row_of_sample(dataset, order, step, sample));
    count += std::count_if(row.targets.begin(), row.targets.end(),
                           [](std::int64_t target) { return target != kIgnoredTarget; });
  }
  return count;
}

}  // namespace galvatron
