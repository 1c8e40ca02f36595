#include "planner/cli/answer_json.h"

#include "planner/cli/answer_text.h"

namespace galvatron {
namespace {

Json plan_summary(const Plan& plan) {
  Json json = {{"fits", true},
               {"step_seconds", plan.predicted.step.value},
               {"pipeline", pipeline_degree(plan)},
               {"micro_batches", plan.micro_batches},
               {"peak_bytes", peak_bytes(plan).value},
               {"main_strategy", strategy_json(main_strategy(plan))}};
  if (plan.certificate) {
    json["certificate"] = {{"optimal", plan.certificate->optimal},
                           {"lower_bound_seconds", plan.certificate->lower_bound.value},
                           {"gap", plan.certificate->gap}};
  }
  return json;
}

}  // namespace

Json answer_json(const Answer& answer, Bytes budget) {
  if (answer.plan) return plan_summary(*answer.plan);
  Json json = {{"fits", false}, {"reason", reason_text(answer, budget)}};
  json["shortfalls"] = Json::array();
  for (const Shortfall& shortfall : answer.shortfalls) {
    json["shortfalls"].push_back({{"pipeline", shortfall.pipeline},
                                  {"micro_batches", shortfall.micro_batches},
                                  {"stage", shortfall.stage},
                                  {"least_bytes", shortfall.least.value},
                                  {"category", shortfall.category}});
  }
  return json;
}

}  // namespace galvatron
