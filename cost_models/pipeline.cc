#include "cost_models/pipeline.h"

#include <algorithm>

namespace galvatron {

Seconds closed_form_time(const std::vector<StageTimes>& stages, std::int64_t micro_batches,
                         int virtual_stages) {
  Seconds sum;
  Seconds slowest;
  Seconds sync;
  Seconds optimizer;
  Seconds backward_before;
  for (const StageTimes& stage : stages) {
    sum += stage.micro_batch;
    slowest = std::max(slowest, stage.micro_batch);
    sync = std::max(sync, stage.exposed_sync - backward_before / virtual_stages);
    optimizer = std::max(optimizer, stage.optimizer);
    backward_before += stage.backward;
  }
  // Without chunks the same sum as below, in the order in which the search adds.
  if (virtual_stages == 1) {
    return sum + slowest * static_cast<double>(micro_batches - 1) + sync + optimizer;
  }
  return slowest * static_cast<double>(micro_batches) + (sum - slowest) / virtual_stages + sync +
         optimizer;
}

std::int64_t micro_batches_in_flight(Schedule schedule, int stages, int stage,
                                     std::int64_t micro_batches) {
  switch (schedule) {
    case Schedule::one_f_one_b:
      return std::min(micro_batches, std::int64_t{stages} - stage);
    case Schedule::gpipe:
      return micro_batches;
  }
  return micro_batches;
}

std::int64_t chunks_in_flight(const InterleavedStage& stage, std::int64_t micro_batches) {
  const std::int64_t behind = stage.stages - stage.stage - 1;
  const std::int64_t warm_up = 2 * behind + std::int64_t{stage.virtual_stages - 1} * stage.stages;
  return std::min(micro_batches * stage.virtual_stages, warm_up + 1);
}

}  // namespace galvatron
