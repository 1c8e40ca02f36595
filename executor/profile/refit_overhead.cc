#include "executor/profile/refit_overhead.h"

#include <algorithm>

#include "planner/schedule/price.h"

namespace galvatron {

Refit refit_overhead(const Plan& plan, Seconds measured, const std::string& origin) {
  const LayerGraph graph = build_layer_graph(plan.model);
  Plan refitted = plan;
  DeviceOverhead& overhead = refitted.inputs->hardware.device.overhead;
  overhead.host_per_step = Seconds{};
  const Seconds without = price(refitted, graph).step;
  overhead.host_per_step = std::max(Seconds{}, measured - without);
  overhead.origin += (overhead.origin.empty() ? "" : "; ") + ("host_us_per_step " + origin);
  return {.hardware = refitted.inputs->hardware, .predicted = price(refitted, graph).step};
}

}  // namespace galvatron
