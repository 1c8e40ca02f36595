#include "test/planner/search/enumerated_plans.h"

#include <algorithm>
#include <utility>

#include "cost_models/pipeline.h"
#include "planner/plan/placement.h"
#include "planner/plan/structure.h"
#include "planner/schedule/memory_bound.h"
#include "planner/schedule/op_cost.h"
#include "planner/schedule/price.h"

namespace galvatron {
namespace {

// Whether `--only` lets the axis have the value.
bool allows(const std::vector<AxisRestriction>& only, std::string_view axis,
            std::string_view value) {
  return std::all_of(only.begin(), only.end(), [&](const AxisRestriction& restriction) {
    return restriction.axis != axis ||
           std::find(restriction.values.begin(), restriction.values.end(), value) !=
               restriction.values.end();
  });
}

// An axis that a strategy does not have is not restricted; recomputation depends on the layer.
bool allows_degrees(const std::vector<AxisRestriction>& only, const Strategy& strategy) {
  const auto allowed = [&](std::string_view axis, std::string_view value) {
    return allows(only, axis, value);
  };
  const bool has_order = strategy.tensor > 1 && strategy.data > 1;
  return allowed("tensor", std::to_string(strategy.tensor)) &&
         allowed("data", std::to_string(strategy.data)) &&
         (!has_order || allowed("order", name_of(kOrderNames, strategy.order))) &&
         (strategy.data == 1 || allowed("zero", name_of(kZeroNames, strategy.zero))) &&
         (strategy.tensor == 1 ||
          allowed("sequence_parallel", strategy.sequence_parallel ? "true" : "false"));
}

// An embedding has nothing to compute again.
bool allows_recomputation(const std::vector<AxisRestriction>& only, Recompute recompute,
                          const Layer& layer) {
  if (layer.kind == LayerKind::embedding) return recompute == Recompute::none;
  return allows(only, "recompute", name_of(kRecomputeNames, recompute));
}

// All combinations of values that our runtime executes, sensible or not.
std::vector<Strategy> all_strategies(int devices) {
  std::vector<Strategy> all;
  for (int tensor = 1; tensor <= devices; ++tensor) {
    for (const auto& order : kOrderNames) {
      for (const auto& zero : kZeroNames) {
        for (const bool sequence_parallel : {false, true}) {
          for (const auto& recompute : kRecomputeNames) {
            if (recompute.first == Recompute::op) continue;
            all.push_back({tensor, devices / tensor, order.first, zero.first, sequence_parallel,
                           recompute.first});
          }
        }
      }
    }
  }
  return all;
}

class PlanEnumeration {
 public:
  explicit PlanEnumeration(const SearchRequest& request)
      : request_(request), graph_(build_layer_graph(request.model)) {}

  Enumeration run() {
    const std::vector<AxisRestriction>& only = request_.inputs.search.only;
    const int devices = device_count(request_.inputs.hardware);
    for (const std::int64_t global_batch : request_.global_batches) {
      for (int stages = 1; stages <= std::min(devices, layer_count(graph_)); ++stages) {
        if (devices % stages != 0 || !allows(only, "pipeline", std::to_string(stages))) continue;
        for (std::int64_t count = 1; count <= global_batch; ++count) {
          if (global_batch % count != 0) continue;
          if (!allows(only, "micro_batches", std::to_string(count))) continue;
          open_plan(global_batch, count);
          cut(0, stages);
        }
      }
    }
    return std::move(found_);
  }

 private:
  void open_plan(std::int64_t global_batch, std::int64_t micro_batches) {
    const bool is_gpipe = !allows(request_.inputs.search.only, "schedule", "1f1b");
    Plan plan{.model = request_.model,
              .job = request_.job,
              .devices = device_count(request_.inputs.hardware),
              .micro_batches = micro_batches,
              .schedule = is_gpipe ? Schedule::gpipe : Schedule::one_f_one_b};
    plan.inputs = request_.inputs;
    plan.job.global_batch = global_batch;
    plan_ = std::move(plan);
  }

  // Lays out the stages from layer `first` on, of which `stages` are left.
  void cut(int first, int stages) {
    const int layers = layer_count(graph_);
    if (stages == 0) return choose_strategies();
    for (int last = stages == 1 ? layers - 1 : first; last <= layers - stages; ++last) {
      plan_.stages.push_back({.first_layer = first, .last_layer = last});
      cut(last + 1, stages - 1);
      plan_.stages.pop_back();
    }
  }

  void choose_strategies() {
    choices_.assign(static_cast<std::size_t>(layer_count(graph_)), {});
    for (const Strategy& strategy : all_strategies(devices_per_stage(plan_))) {
      if (!allows_degrees(request_.inputs.search.only, strategy)) continue;
      plan_.strategies.assign(choices_.size(), strategy);
      const std::vector<StructureProblem> problems = check_structure(plan_, graph_);
      for (int layer = 0; layer < layer_count(graph_); ++layer) {
        if (is_choice(layer, strategy, problems)) {
          choices_[static_cast<std::size_t>(layer)].push_back(strategy);
        }
      }
    }
    choose(0);
  }

  bool is_choice(int layer, const Strategy& strategy,
                 const std::vector<StructureProblem>& problems) const {
    const std::vector<AxisRestriction>& only = request_.inputs.search.only;
    if (!allows_recomputation(only, strategy.recompute, layer_at(graph_, layer))) return false;
    return std::none_of(problems.begin(), problems.end(), [&](const StructureProblem& problem) {
      return problem.place == StructureProblem::Place::layers && problem.first <= layer &&
             layer <= problem.last;
    });
  }

  void choose(std::size_t layer) {
    if (layer == choices_.size()) return look_at_plan();
    for (const Strategy& strategy : choices_[layer]) {
      plan_.strategies[layer] = strategy;
      choose(layer + 1);
    }
  }

  bool divides_every_cut() const {
    if (pipeline_degree(plan_) == 1) return true;
    for (int layer = 0; layer + 1 < layer_count(graph_); ++layer) {
      const StageTokens tokens = stage_tokens(plan_, layer_at(graph_, layer));
      if (tokens.tokens % tokens.devices != 0) return false;
    }
    return true;
  }

  void look_at_plan() {
    if (!check_structure(plan_, graph_).empty()) return;
    if (!divides_every_cut()) {
      ++found_.unevenly_cut;
      return;
    }
    EnumeratedPlan enumerated{.global_batch = plan_.job.global_batch};
    std::vector<StageTimes> times;
    for (int stage = 0; stage < pipeline_degree(plan_); ++stage) {
      times.push_back(stage_times(plan_, graph_, stage));
      enumerated.peak = std::max(enumerated.peak, total(stage_memory(plan_, graph_, stage)));
    }
    enumerated.bounded_peak = memory_bound(plan_, graph_);
    enumerated.closed_form = closed_form_time(times, plan_.micro_batches) +
                             constant_time(graph_, plan_.job, cluster_of(plan_));
    found_.plans.push_back(enumerated);
  }

  const SearchRequest& request_;
  LayerGraph graph_;
  Plan plan_;
  std::vector<std::vector<Strategy>> choices_;  // by layer, under the plan's stages
  Enumeration found_;
};

}  // namespace

Enumeration enumerate_plans(const SearchRequest& request) { return PlanEnumeration(request).run(); }

}  // namespace galvatron
