#include "planner/cli/explanation_json.h"

#include "planner/cli/answer_json.h"
#include "planner/cli/changes_text.h"

namespace galvatron {
namespace {

Json parts_json(const StepParts& parts) {
  Json json = Json::object();
  for_each_field(
      parts, [&](std::string_view name, Seconds time) { json[std::string(name)] = time.value; });
  return json;
}

Json time_json(const StepAccount& account) {
  Json json = {{"stage", account.busiest}, {"seconds", parts_json(busiest_parts(account))}};
  json["stages"] = Json::array();
  for (const StepParts& parts : account.stages) json["stages"].push_back(parts_json(parts));
  return json;
}

Json memory_json(const Explanation& explanation) {
  const Bytes budget = explanation.plan.inputs->memory_budget;
  Json json = {{"budget_bytes", budget.value},
               {"binding_stage", explanation.memory.stage},
               {"headroom_bytes", explanation.memory.headroom.value},
               {"largest", explanation.memory.largest}};
  json["stages"] = Json::array();
  for (const StagePrediction& stage : explanation.plan.predicted.stages) {
    const Bytes used = total(stage.memory);
    json["stages"].push_back({{"memory", memory_json(stage.memory)},
                              {"peak_bytes", used.value},
                              {"headroom_bytes", (budget - used).value}});
  }
  return json;
}

Json baseline_json(const Baseline& baseline, const Explanation& explanation) {
  Json json = {{"kind", name_of(kBaselineNames, baseline.kind)}};
  json.update(answer_json(baseline.answer, explanation.plan.inputs->memory_budget));
  if (!baseline.parts) return json;
  const PartIncrease grown = largest_increase(busiest_parts(explanation.time), *baseline.parts);
  json["seconds"] = parts_json(*baseline.parts);
  json["largest_increase"] = {{"part", grown.name}, {"seconds", grown.increase.value}};
  return json;
}

Json price_json(const ShadowPrice& price, const Explanation& explanation) {
  const Seconds step = reference_step(explanation);
  Json json = {{"resource", price.resource},
               {"change", price.change},
               {"same_plan_seconds", price.kept.value},
               {"step_seconds", improved_step(price).value},
               {"gain_seconds", (step - improved_step(price)).value}};
  json["planned_again"] = answer_json(price.answer, explanation.plan.inputs->memory_budget);
  return json;
}

void add_searches(Json& json, const Explanation& explanation) {
  const Bytes budget = explanation.plan.inputs->memory_budget;
  if (explanation.best) json["best"] = answer_json(*explanation.best, budget);
  json["pipelines"] = Json::array();
  for (const auto& [pipeline, answer] : explanation.pipelines) {
    Json entry = {{"pipeline", pipeline}};
    entry.update(answer_json(answer, budget));
    json["pipelines"].push_back(entry);
  }
  json["baselines"] = Json::array();
  for (const Baseline& baseline : explanation.baselines) {
    json["baselines"].push_back(baseline_json(baseline, explanation));
  }
  json["shadow_prices"] = Json::array();
  for (const ShadowPrice& price : explanation.prices) {
    json["shadow_prices"].push_back(price_json(price, explanation));
  }
}

}  // namespace

Json explanation_json(const Explanation& explanation) {
  Json json = {{"step_seconds", explanation.plan.predicted.step.value},
               {"time", time_json(explanation.time)},
               {"memory", memory_json(explanation)},
               {"complete", explanation.is_complete}};
  add_searches(json, explanation);
  return json;
}

Json why_not_json(const Plan& plan, const std::vector<WhyNot>& answers) {
  Json list = Json::array();
  for (const WhyNot& why_not : answers) {
    Json json = {{"axis", why_not.pin.axis},
                 {"values", why_not.pin.values},
                 {"is_so_already", why_not.is_so_already}};
    if (!why_not.replaced.empty()) json["replaces_only"] = why_not.replaced;
    if (!why_not.is_so_already) {
      json.update(answer_json(why_not.answer, plan.inputs->memory_budget));
    }
    if (why_not.answer.plan) {
      json["cost_seconds"] = (why_not.answer.plan->predicted.step - plan.predicted.step).value;
      json["changes"] = changes_json(why_not.changes);
    }
    list.push_back(json);
  }
  return {{"step_seconds", plan.predicted.step.value}, {"why_not", list}};
}

}  // namespace galvatron
