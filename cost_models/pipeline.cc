#include "cost_models/pipeline.h"

#include <algorithm>

namespace galvatron {

Seconds closed_form_time(const std::vector<StageTimes>& stages, std::int64_t micro_batches) {
  Seconds sum;
  Seconds slowest;
  Seconds sync;
  Seconds optimizer;
  Seconds backward_before;
  for (const StageTimes& stage : stages) {
    sum += stage.micro_batch;
    slowest = std::max(slowest, stage.micro_batch);
    sync = std::max(sync, stage.exposed_sync - backward_before);
    optimizer = std::max(optimizer, stage.optimizer);
    backward_before += stage.backward;
  }
  return sum + slowest * static_cast<double>(micro_batches - 1) + sync + optimizer;
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

}  // namespace galvatron
