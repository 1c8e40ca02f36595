// The closed form of a step over pipeline stages, which the search minimises.
//
//   T = sum_i t_i + (m - 1) max_i t_i + max_i (y_i - sum_{j<i} b_j)^+ + max_i o_i
//
// Stage i ends its last backward earlier than stage 0 by the backward times of the stages before
// it, so its gradient traffic hides there; the gradient norm is a barrier; then all optimizers run.
// Without transfers this bounds the simulated 1F1B step from above, with equality for equal stages.
//
// Interleaved, each stage holds v chunks of its layers, and what fills and drains the pipeline is
// shorter by v: T = m max_i t_i + (sum_i t_i - max_i t_i) / v + ... Exact where P divides m.
#pragma once

#include <cstdint>
#include <vector>

#include "cost_models/strategy.h"
#include "cost_models/units.h"

namespace galvatron {

struct StageTimes {
  Seconds micro_batch{};   // t: forward and backward of one micro-batch
  Seconds backward{};      // b: of which backward
  Seconds exposed_sync{};  // y: once per step, what overlap inside the stage leaves
  Seconds optimizer{};     // o: once per step

  bool operator==(const StageTimes&) const = default;
};

// Without what a step costs besides its stages (see step_overhead).
Seconds closed_form_time(const std::vector<StageTimes>& stages, std::int64_t micro_batches,
                         int virtual_stages = 1);

// Micro-batches whose saved tensors stage `stage` of `stages` holds at once.
std::int64_t micro_batches_in_flight(Schedule schedule, int stages, int stage,
                                     std::int64_t micro_batches);

// The same of interleaved 1F1B, in chunks of 1/virtual_stages of the stage.
struct InterleavedStage {
  int stages = 1;
  int stage = 0;
  int virtual_stages = 1;
};
std::int64_t chunks_in_flight(const InterleavedStage& stage, std::int64_t micro_batches);

}  // namespace galvatron
