// The order in which one stage works on its micro-batches.
//
// 1F1B: stage i of P runs min(m, P-i-1) forwards, then one forward and one backward in turn, then
// the backwards that remain. GPipe: all forwards, then all backwards. Both take micro-batches in
// ascending order, so that every channel is first in, first out.
#pragma once

#include <cstdint>
#include <vector>

#include "cost_models/strategy.h"

namespace galvatron {

enum class Direction { forward, backward };

struct Pass {
  Direction direction = Direction::forward;
  std::int64_t micro_batch = 0;

  bool operator==(const Pass&) const = default;
};

struct PipelinePosition {
  int stage = 0;
  int stages = 1;
  std::int64_t micro_batches = 1;
};

std::vector<Pass> micro_batch_order(Schedule schedule, const PipelinePosition& position);

}  // namespace galvatron
