#include "planner/schedule/micro_batch_order.h"

#include "cost_models/pipeline.h"

namespace galvatron {

std::vector<Pass> micro_batch_order(Schedule schedule, const PipelinePosition& position) {
  const auto& [stage, stages, micro_batches] = position;
  // The backward of micro-batch k follows the forward of micro-batch k + lead.
  const std::int64_t lead = micro_batches_in_flight(schedule, stages, stage, micro_batches) - 1;
  std::vector<Pass> order;
  for (std::int64_t step = 0; step < micro_batches + lead; ++step) {
    if (step < micro_batches) order.push_back({Direction::forward, step});
    if (step >= lead) order.push_back({Direction::backward, step - lead});
  }
  return order;
}

}  // namespace galvatron
