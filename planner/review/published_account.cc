#include "planner/review/published_account.h"

#include <algorithm>

#include "cost_models/published_stages.h"
#include "cost_models/published_time.h"
#include "planner/plan/published_plan.h"

namespace galvatron {

StepParts published_parts(const Plan& plan, const LayerGraph& graph) {
  const PublishedSetting setting = published_setting(plan, graph);
  const PublishedAssignment assignment = published_assignment(plan, graph);
  const std::vector<int> types = published_layer_types(setting.model);
  const std::vector<int>& begins = assignment.stage_begins;
  StepParts parts;
  for (std::size_t layer = 0; layer < types.size(); ++layer) {
    const Strategy& strategy = assignment.strategies[layer];
    const PublishedLayer& type = setting.model.layers[static_cast<std::size_t>(types[layer])];
    const PublishedTimeParts times = published_layer_parts(type, strategy, setting);
    parts.compute += times.compute;
    parts.tensor += times.tensor;
    parts.data += times.data;
    parts.bubble += times.bubble;
    parts.host += times.overhead;
    if (std::find(begins.begin(), begins.end(), static_cast<int>(layer)) != begins.end()) continue;
    parts.redistribution +=
        published_transition_time(assignment.strategies[layer - 1], strategy, setting);
  }
  return parts;
}

}  // namespace galvatron
