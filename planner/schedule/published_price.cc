#include "planner/schedule/published_price.h"

#include "cost_models/published_stages.h"
#include "planner/plan/published_plan.h"

namespace galvatron {

Prediction published_price(const Plan& plan, const LayerGraph& graph) {
  const PublishedSetting setting = published_setting(plan, graph);
  Prediction prediction;
  for (const PublishedStage& stage :
       published_stages(published_assignment(plan, graph), setting,
                        published_other_memory_place(setting.model))) {
    prediction.step += stage.time;
    prediction.stages.push_back(
        {.seconds_per_micro_batch = stage.time / static_cast<double>(plan.micro_batches),
         .memory = stage.memory});
  }
  prediction.closed_form = prediction.step;
  return prediction;
}

}  // namespace galvatron
