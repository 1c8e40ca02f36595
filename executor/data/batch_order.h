// Which rows a step trains on: the same for every strategy.
#pragma once

#include <cstdint>
#include <optional>

#include "cost_models/named_values.h"
#include "executor/data/dataset.h"

namespace galvatron {

enum class RowOrder { as_stored, shuffled };

inline constexpr NamedValues<RowOrder, 2> kRowOrderNames{
    {{RowOrder::as_stored, "as_stored"}, {RowOrder::shuffled, "shuffled"}}};

// Global batch k holds samples k B … (k + 1) B - 1 of an endless sequence of epochs, each of which
// has every row once: in the order of the file, or with a seed in an order drawn anew per epoch.
// A batch may span the end of an epoch.
struct BatchOrder {
  std::int64_t global_batch = 1;              // B
  std::optional<std::uint64_t> shuffle_seed;  // absent: in the order of the file
  // Added to the sequence's numbers: where a run goes on whose first steps had another global
  // batch.
  std::int64_t offset = 0;
};

// The row that is sample number `sample` of step `step`. Requires 0 <= sample < global_batch.
std::int64_t row_of_sample(const Dataset& dataset, const BatchOrder& order, std::int64_t step,
                           std::int64_t sample);

// Targets of the whole global batch that are not ignored: what the sums of the losses are divided
// by.
struct TargetCounts {
  std::int64_t targets = 0;
  std::int64_t next_sentence = 0;

  bool operator==(const TargetCounts&) const = default;
};

// Reads, and so checks, every row of the batch: ranks that all call this refuse a bad token
// together, before one of them waits for another. Throws SpecError as read_row does.
TargetCounts count_targets(const Dataset& dataset, const BatchOrder& order, std::int64_t step);

}  // namespace galvatron
