#include "planner/cli/plan_json.h"

#include <string>

namespace galvatron {
namespace {

Json stage_json(const Plan& plan, int stage) {
  const auto index = static_cast<std::size_t>(stage);
  const StageRange& range = plan.stages[index];
  const StagePrediction& predicted = plan.predicted.stages[index];
  const int devices = devices_per_stage(plan);
  return {{"layers", {range.first_layer, range.last_layer}},
          {"devices", {stage * devices, (stage + 1) * devices - 1}},
          {"seconds_per_micro_batch", predicted.seconds_per_micro_batch.value},
          {"peak_bytes", total(predicted.memory).value},
          {"memory", memory_json(predicted.memory)}};
}

}  // namespace

Json memory_json(const MemoryParts& parts) {
  Json json = Json::object();
  for_each_field(parts,
                 [&](std::string_view name, Bytes size) { json[std::string(name)] = size.value; });
  return json;
}

Json strategy_json(const Strategy& strategy) {
  return {{"tensor", strategy.tensor},
          {"data", strategy.data},
          {"order", name_of(kOrderNames, strategy.order)},
          {"zero", static_cast<int>(strategy.zero)},
          {"sequence_parallel", strategy.sequence_parallel},
          {"recompute", name_of(kRecomputeNames, strategy.recompute)}};
}

Json plan_json(const Plan& plan) {
  Json json;
  json["model"] = plan.model.name;
  json["devices"] = plan.devices;
  json["precision"] = name_of(kPrecisionNames, plan.job.precision);
  json["schedule"] = name_of(kScheduleNames, plan.schedule);
  json["step_seconds"] = plan.predicted.step.value;
  json["closed_form_seconds"] = plan.predicted.closed_form.value;
  json["samples_per_second"] =
      static_cast<double>(plan.job.global_batch) / plan.predicted.step.value;
  json["global_batch"] = plan.job.global_batch;
  json["micro_batches"] = plan.micro_batches;
  json["pipeline"] = pipeline_degree(plan);
  const auto& [virtual_stages, context, shard_group] = plan.priced_only;
  if (virtual_stages > 1) json["virtual_stages"] = virtual_stages;
  if (context > 1) json["context"] = context;
  if (shard_group > 0) json["shard_group"] = shard_group;
  const Bytes peak = peak_bytes(plan);
  if (plan.inputs) {
    json["fits"] = peak <= plan.inputs->memory_budget;
    json["budget_bytes"] = plan.inputs->memory_budget.value;
  }
  json["peak_bytes"] = peak.value;
  json["stages"] = Json::array();
  for (int stage = 0; stage < pipeline_degree(plan); ++stage) {
    json["stages"].push_back(stage_json(plan, stage));
  }
  json["strategies"] = Json::array();
  for (std::size_t layer = 0; layer < plan.strategies.size(); ++layer) {
    Json strategy = {{"layer", layer}};
    strategy.update(strategy_json(plan.strategies[layer]));
    json["strategies"].push_back(strategy);
  }
  if (plan.certificate) {
    json["certificate"] = {{"optimal", plan.certificate->optimal},
                           {"lower_bound_seconds", plan.certificate->lower_bound.value},
                           {"gap", plan.certificate->gap}};
  }
  return json;
}

}  // namespace galvatron
