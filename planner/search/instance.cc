#include "planner/search/instance.h"

#include <algorithm>
#include <utility>

#include "cost_models/memory_laws.h"
#include "cost_models/pipeline.h"
#include "cost_models/stage_memory.h"
#include "planner/plan/global_strategy.h"
#include "planner/plan/placement.h"
#include "planner/plan/runtime_space.h"

namespace galvatron {
namespace {

// Whether layers of this type must have their strategy in common with others.
bool must_agree(const Layer& layer, const Space& runtime) {
  return !runtime.layer_wise || shares_table(layer);
}

// What they must have in common: all of it, or what concerns a tied table.
Strategy common_part(Strategy strategy, const Space& runtime) {
  return runtime.layer_wise ? part_for_tables(strategy) : strategy;
}

// A layer that has nothing to compute again agrees with any recomputation.
bool agrees(const Strategy& strategy, const Strategy& common, const Layer& layer,
            const Runtime& runtime) {
  Strategy part = common_part(strategy, runtime.space);
  const bool is_left_out =
      layer.kind == LayerKind::head && laws_of(runtime).stages.head == HeadRecompute::never;
  if (layer.kind == LayerKind::embedding || is_left_out) part.recompute = common.recompute;
  return part == common;
}

// What tensors and what is fixed may take: of the rest of a budget the allocator's share is lost.
Bytes usable_budget(const PlanInputs& inputs, Bytes fixed) {
  const Bytes rest = inputs.memory_budget - fixed;
  const double share = laws_of(inputs.runtime).memory.allocator_share;
  if (share == 1) return inputs.memory_budget;
  return fixed + Bytes{static_cast<std::int64_t>(static_cast<double>(rest.value) / share)};
}

// Keeps the options that share `common`; none where a type is left without one.
std::optional<Instance> cut_out(const Instance& list, const Strategy& common,
                                const PricingInputs& inputs) {
  const Runtime& runtime = inputs.inputs.runtime;
  Instance cut = list;
  for (std::size_t type = 0; type < list.strategies.size(); ++type) {
    const Layer& layer = layer_at(inputs.prices.source().graph, list.first_layers[type]);
    if (!must_agree(layer, runtime.space)) continue;
    cut.strategies[type].clear();
    cut.problem.types[type].options.clear();
    for (std::size_t option = 0; option < list.strategies[type].size(); ++option) {
      const Strategy& strategy = list.strategies[type][option];
      if (!agrees(strategy, common, layer, runtime)) continue;
      cut.strategies[type].push_back(strategy);
      cut.problem.types[type].options.push_back(list.problem.types[type].options[option]);
    }
    if (cut.strategies[type].empty()) return std::nullopt;
  }
  return cut;
}

// What the agreeing layers may have in common: the values of the type with most strategies. An
// embedding, which agrees with any recomputation, does not say which there are.
std::vector<Strategy> common_parts(const Instance& list, const PricingInputs& inputs) {
  const Space& runtime = inputs.inputs.runtime.space;
  std::vector<Strategy> widest;
  for (std::size_t type = 0; type < list.strategies.size(); ++type) {
    const Layer& layer = layer_at(inputs.prices.source().graph, list.first_layers[type]);
    if (!runtime.layer_wise && layer.kind == LayerKind::embedding) continue;
    const bool is_bound = must_agree(layer, runtime);
    if (is_bound && list.strategies[type].size() > widest.size()) widest = list.strategies[type];
  }
  std::vector<Strategy> parts;
  for (const Strategy& strategy : widest) {
    const Strategy part = common_part(strategy, runtime);
    if (std::find(parts.begin(), parts.end(), part) == parts.end()) parts.push_back(part);
  }
  return parts;
}

// Whether the search chooses where stages begin.
bool is_cut_freely(const Runtime& runtime, int pipeline) {
  return runtime.space.uneven_stages || pipeline == 1;
}

// Whether a runtime whose stages are equal can make so many of these layers.
bool has_cut(const LayerGraph& graph, const Runtime& runtime, int pipeline) {
  if (is_cut_freely(runtime, pipeline)) return pipeline <= layer_count(graph);
  const int blocks = layer_count(graph) - 2;
  return pipeline <= blocks &&
         are_equal(block_stages(layer_count(graph), pipeline, laws_of(runtime).stages.split),
                   graph);
}

// Whether the devices of a stage share the tokens of every activation evenly, wherever it is cut.
bool divides_boundaries(const LayerGraph& graph, std::int64_t samples, std::int64_t devices) {
  for (int layer = 0; layer + 1 < layer_count(graph); ++layer) {
    if (samples * layer_at(graph, layer).tokens_per_sample % devices != 0) return false;
  }
  return true;
}

// The list with all changes of layout priced, once for each way in which the uses of a tied table
// can share stages.
std::vector<Instance> placed_lists(const Instance& list, const PricingInputs& inputs) {
  const std::vector<int> uses = placed_uses(inputs.prices.source().graph);
  const bool is_split = list.choice.pipeline > 1 && !uses.empty();
  std::vector<Instance> placed;
  for (SharedUses& shared : is_split ? table_places(uses) : std::vector<SharedUses>{{}}) {
    StageSetting setting = stage_setting(inputs, list.choice);
    setting.shared = std::move(shared);
    Instance instance = price_list(inputs, list.choice, *inputs.prices.prices(setting));
    instance.problem.bonds = bonds_of(uses, setting.shared);
    instance.problem.switches = inputs.prices.switches(setting);
    if (search::has_cut(instance.problem)) placed.push_back(std::move(instance));
  }
  return placed;
}

}  // namespace

std::vector<PipelineChoice> pipeline_choices(const PricingInputs& inputs) {
  const SearchSpace& space = inputs.prices.source().space;
  const LayerGraph& graph = inputs.prices.source().graph;
  const int devices = device_count(inputs.inputs.hardware);
  // GPipe takes as long as 1F1B and keeps more activations: only where it is asked for.
  const Schedule schedule =
      allows(space.schedule, Schedule::one_f_one_b) ? Schedule::one_f_one_b : Schedule::gpipe;
  std::vector<PipelineChoice> choices;
  for (const std::int64_t pipeline : divisors(devices)) {
    const Runtime& runtime = inputs.inputs.runtime;
    if (!has_cut(graph, runtime, static_cast<int>(pipeline))) continue;
    if (!allows(space.pipeline, pipeline)) continue;
    for (const std::int64_t micro_batches : divisors(inputs.global_batch)) {
      if (!allows(space.micro_batches, micro_batches)) continue;
      const std::int64_t samples = inputs.global_batch / micro_batches;
      if (pipeline > 1 && !divides_boundaries(graph, samples, devices / pipeline)) continue;
      choices.push_back({static_cast<int>(pipeline), micro_batches, schedule});
    }
  }
  return choices;
}

StageSetting stage_setting(const PricingInputs& inputs, const PipelineChoice& choice) {
  return {.pipeline = choice.pipeline, .samples = inputs.global_batch / choice.micro_batches};
}

Instance price_list(const PricingInputs& inputs, const PipelineChoice& choice,
                    const LayerPrices& prices) {
  Instance list{.choice = choice,
                .problem = prices.problem,
                .strategies = prices.strategies,
                .first_layers = prices.first_layers};
  search::Problem& problem = list.problem;
  problem.micro_batches = choice.micro_batches;
  const Runtime& runtime = inputs.inputs.runtime;
  if (!is_cut_freely(runtime, choice.pipeline)) {
    const int layers = layer_count(inputs.prices.source().graph);
    for (const StageRange& stage :
         block_stages(layers, choice.pipeline, laws_of(runtime).stages.split)) {
      problem.stage_begin.push_back(stage.first_layer);
    }
  }
  for (search::LayerType& type : problem.types) {
    type.leave_bytes *= transfer_buffers(laws_of(runtime).memory, choice.micro_batches);
  }
  const Bytes fixed =
      total(stage_overhead(inputs.prices.cluster(choice.pipeline))) + inputs.inputs.memory_reserve;
  problem.memory_budget = usable_budget(inputs.inputs, fixed).value;
  for (int stage = 0; stage < choice.pipeline; ++stage) {
    problem.stages.push_back({.in_flight = micro_batches_in_flight(choice.schedule, choice.pipeline,
                                                                   stage, choice.micro_batches),
                              .fixed_bytes = fixed.value});
  }
  return list;
}

std::optional<Instance> price_list(const PricingInputs& inputs, const PipelineChoice& choice) {
  const LayerPrices* prices = inputs.prices.prices(stage_setting(inputs, choice));
  if (prices == nullptr) return std::nullopt;
  return price_list(inputs, choice, *prices);
}

std::vector<Instance> problems_of(const Instance& price_list, const PricingInputs& inputs) {
  std::vector<Instance> problems;
  for (Instance& placed : placed_lists(price_list, inputs)) {
    const std::vector<Strategy> commons = common_parts(placed, inputs);
    if (commons.empty()) {
      problems.push_back(std::move(placed));
      continue;
    }
    for (const Strategy& common : commons) {
      if (std::optional<Instance> cut = cut_out(placed, common, inputs)) {
        problems.push_back(std::move(*cut));
      }
    }
  }
  return problems;
}

Plan plan_of(const Model& model, const PricingInputs& inputs, const Instance& instance,
             const search::Assignment& assignment) {
  const PriceSource& source = inputs.prices.source();
  Plan plan{.model = model,
            .job = source.job,
            .devices = device_count(inputs.inputs.hardware),
            .micro_batches = instance.choice.micro_batches,
            .schedule = instance.choice.schedule};
  plan.job.global_batch = inputs.global_batch;
  const int layers = layer_count(source.graph);
  for (std::size_t stage = 0; stage < assignment.stage_begin.size(); ++stage) {
    const bool is_last = stage + 1 == assignment.stage_begin.size();
    const int end = is_last ? layers : assignment.stage_begin[stage + 1];
    plan.stages.push_back({.first_layer = assignment.stage_begin[stage], .last_layer = end - 1});
  }
  for (std::size_t layer = 0; layer < assignment.option.size(); ++layer) {
    const auto type = static_cast<std::size_t>(instance.problem.layers[layer]);
    plan.strategies.push_back(
        instance.strategies[type][static_cast<std::size_t>(assignment.option[layer])]);
  }
  plan.inputs = inputs.inputs;
  return plan;
}

}  // namespace galvatron
