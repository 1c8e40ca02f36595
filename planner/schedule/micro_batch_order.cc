#include "planner/schedule/micro_batch_order.h"

#include <algorithm>

namespace galvatron {

std::int64_t micro_batches_in_flight(Schedule schedule, const PipelinePosition& position) {
  switch (schedule) {
    case Schedule::one_f_one_b:
      return std::min<std::int64_t>(position.micro_batches, position.stages - position.stage);
    case Schedule::gpipe:
      return position.micro_batches;
  }
  return 0;
}

std::vector<Pass> micro_batch_order(Schedule schedule, const PipelinePosition& position) {
  // The backward of micro-batch k follows the forward of micro-batch k + in_flight - 1.
  const std::int64_t in_flight = micro_batches_in_flight(schedule, position);
  std::vector<Pass> order;
  for (std::int64_t step = 0; step < position.micro_batches + in_flight - 1; ++step) {
    if (step < position.micro_batches) order.push_back({Direction::forward, step});
    if (step >= in_flight - 1) order.push_back({Direction::backward, step - in_flight + 1});
  }
  return order;
}

}  // namespace galvatron
