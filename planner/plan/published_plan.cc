#include "planner/plan/published_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "cost_models/published_micro_batches.h"
#include "planner/plan/placement.h"
#include "planner/plan/published_profile.h"

namespace galvatron {
namespace {

using Place = StructureProblem::Place;
using Problems = std::vector<StructureProblem>;

const PublishedModel& published_model(const Plan& plan, const LayerGraph& graph) {
  const PublishedMatch match = match_published(*plan.inputs->hardware.published, plan.model, graph);
  assert(match.model != nullptr);
  return *match.model;
}

Problems check_job(const Plan& plan) {
  Problems problems;
  const auto expect = [&](const char* key, std::string_view expected, std::string_view found) {
    if (expected == found) return;
    problems.push_back({.place = Place::job,
                        .key = key,
                        .message = fmt::format("must be {} under the published cost model, got {}",
                                               expected, found)});
  };
  expect("schedule", "gpipe", name_of(kScheduleNames, plan.schedule));
  expect("precision", "fp32", name_of(kPrecisionNames, plan.job.precision));
  expect("dropout", "true", name_of(kBoolNames, plan.job.dropout));
  expect("clip_grad_norm", "absent", plan.job.clip_grad_norm ? "a norm" : "absent");
  if (plan.job.global_batch % kPublishedDevices != 0) {
    problems.push_back({.place = Place::job,
                        .key = "global_batch",
                        .message = fmt::format("must be a multiple of {} under the published cost "
                                               "model, got {}",
                                               kPublishedDevices, plan.job.global_batch)});
  }
  return problems;
}

// Each priced layer has a published strategy, each other one that of what is charged beside them.
Problems check_strategies(const Plan& plan, const LayerGraph& graph) {
  const int devices = devices_per_stage(plan);
  const std::vector<Strategy> known = published_strategies(devices);
  const std::vector<int> priced = published_layers(graph);
  const Strategy beside{.data = devices};
  Problems problems;
  for (int layer = 0; layer < layer_count(graph); ++layer) {
    const Strategy& strategy = strategy_of(plan, layer);
    const bool is_priced = std::binary_search(priced.begin(), priced.end(), layer);
    const bool is_known = is_priced ? std::find(known.begin(), known.end(), strategy) != known.end()
                                    : strategy == beside;
    if (is_known) continue;
    problems.push_back(
        {.place = Place::layers,
         .first = layer,
         .last = layer,
         .key = "strategy",
         .message = is_priced ? "is none of the published ones: powers of two, ZeRO 0 or 3, no "
                                "sequence parallelism, no recomputation"
                              : fmt::format("must be tensor 1, data {}, ZeRO 0: the published cost "
                                            "model prices no other for this layer",
                                            devices)});
  }
  return problems;
}

// A plan of the published space has 1, 2, 4 or 8 stages with a priced layer each.
Problems check_stages(const Plan& plan, const LayerGraph& graph) {
  const std::vector<int> priced = published_layers(graph);
  Problems problems;
  for (int stage = 0; stage < pipeline_degree(plan); ++stage) {
    const auto [first, last] = plan.stages[static_cast<std::size_t>(stage)];
    const auto layer = std::lower_bound(priced.begin(), priced.end(), first);
    if (layer != priced.end() && *layer <= last) continue;
    problems.push_back({.place = Place::stage,
                        .first = stage,
                        .last = stage,
                        .key = "layers",
                        .message = "must hold one that the published cost model prices"});
  }
  return problems;
}

}  // namespace

PublishedSetting published_setting(const Plan& plan, const LayerGraph& graph) {
  return {*plan.inputs->hardware.published, published_model(plan, graph), pipeline_degree(plan),
          plan.job.global_batch};
}

PublishedAssignment published_assignment(const Plan& plan, const LayerGraph& graph) {
  const std::vector<int> priced = published_layers(graph);
  PublishedAssignment assignment;
  for (const StageRange& stage : plan.stages) {
    const auto begin = std::lower_bound(priced.begin(), priced.end(), stage.first_layer);
    assignment.stage_begins.push_back(static_cast<int>(begin - priced.begin()));
  }
  for (const int layer : priced) assignment.strategies.push_back(strategy_of(plan, layer));
  return assignment;
}

std::vector<StructureProblem> check_published(const Plan& plan, const LayerGraph& graph) {
  Problems problems = check_job(plan);
  for (const Problems& more : {check_strategies(plan, graph), check_stages(plan, graph)}) {
    problems.insert(problems.end(), more.begin(), more.end());
  }
  if (!problems.empty()) return problems;
  const std::int64_t expected =
      run_micro_batches(published_assignment(plan, graph), published_setting(plan, graph));
  if (plan.micro_batches != expected) {
    problems.push_back({.place = Place::job,
                        .key = "micro_batches",
                        .message = fmt::format("must be {}, which the published cost model prices, "
                                               "got {}",
                                               expected, plan.micro_batches)});
  }
  return problems;
}

std::int64_t run_micro_batches(const PublishedAssignment& assignment,
                               const PublishedSetting& setting) {
  double most = static_cast<double>(setting.global_batch);
  for (const Strategy& strategy : assignment.strategies) {
    most = std::min(most, published_micro_batches(strategy, setting));
  }
  const std::int64_t samples = setting.global_batch * setting.pipeline / kPublishedDevices;
  auto count = std::max(static_cast<std::int64_t>(most), std::int64_t{1});
  while (samples % count != 0) --count;
  return count;
}

Plan published_plan(const Model& model, const LayerGraph& graph,
                    const PublishedDecision& decision) {
  const auto& [setting, assignment, inputs] = decision;
  const std::vector<int> priced = published_layers(graph);
  const int devices = kPublishedDevices / setting.pipeline;
  Plan plan{.model = model,
            .job = {.global_batch = setting.global_batch},
            .devices = kPublishedDevices,
            .micro_batches = run_micro_batches(assignment, setting),
            .schedule = Schedule::gpipe,
            .strategies = std::vector<Strategy>(static_cast<std::size_t>(layer_count(graph)),
                                                Strategy{.data = devices}),
            .inputs = inputs};
  for (std::size_t layer = 0; layer < priced.size(); ++layer) {
    plan.strategies[static_cast<std::size_t>(priced[layer])] = assignment.strategies[layer];
  }
  // What stands before a stage's first priced layer belongs to the stage before, but for the first.
  for (const int begin : assignment.stage_begins) {
    const int first = begin == 0 ? 0 : priced[static_cast<std::size_t>(begin)];
    if (!plan.stages.empty()) plan.stages.back().last_layer = first - 1;
    plan.stages.push_back({.first_layer = first, .last_layer = layer_count(graph) - 1});
  }
  return plan;
}

}  // namespace galvatron
