#include "executor/data/batch_order.h"

#include <algorithm>
#include <cassert>

#include "executor/random/permutation.h"

namespace galvatron {

std::int64_t row_of_sample(const Dataset& dataset, const BatchOrder& order, std::int64_t step,
                           std::int64_t sample) {
  assert(sample >= 0 && sample < order.global_batch);
  const std::int64_t position = order.offset + step * order.global_batch + sample;
  const std::int64_t row = position % dataset.rows;
  if (!order.shuffle_seed) return row;
  const std::int64_t epoch = position / dataset.rows;
  return permuted(random_stream(*order.shuffle_seed, "row order", epoch), dataset.rows, row);
}

TargetCounts count_targets(const Dataset& dataset, const BatchOrder& order, std::int64_t step) {
  const auto trained = [](std::int64_t target) { return target != kIgnoredTarget; };
  TargetCounts counts;
  for (std::int64_t number = 0; number < order.global_batch; ++number) {
    const Sample sample = read_row(dataset, row_of_sample(dataset, order, step, number));
    counts.targets += std::count_if(sample.targets.begin(), sample.targets.end(), trained);
    counts.next_sentence +=
        std::count_if(sample.next_sentence.begin(), sample.next_sentence.end(), trained);
  }
  return counts;
}

}  // namespace galvatron
