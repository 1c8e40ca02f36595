#include "planner/search/instance.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include "cost_models/layer_cost.h"
#include "cost_models/pipeline.h"
#include "cost_models/stage_memory.h"
#include "cost_models/transition_cost.h"
#include "planner/plan/placement.h"
#include "planner/schedule/price.h"

namespace galvatron {
namespace {

using search::Option;
using search::Time;
using search::Toll;

constexpr double kPicosecondsPerSecond = 1e12;

Time picoseconds(Seconds time) {
  return static_cast<Time>(std::llround(time.value * kPicosecondsPerSecond));
}

// Whether layers of this type must have their strategy in common with others.
bool must_agree(const Layer& layer, const Space& runtime) {
  return !runtime.layer_wise || shares_table(layer);
}

// What they must have in common: all of it, or what concerns a tied table.
Strategy common_part(Strategy strategy, const Space& runtime) {
  if (runtime.layer_wise) {
    strategy.sequence_parallel = false;
    strategy.recompute = Recompute::none;
  }
  return strategy;
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

Cluster cluster_of(const PricingInputs& inputs, const PipelineChoice& choice) {
  return {.hardware = inputs.inputs.hardware,
          .runtime = inputs.inputs.runtime,
          .profile = inputs.inputs.profile,
          .stages = choice.pipeline,
          .devices_per_stage = device_count(inputs.inputs.hardware) / choice.pipeline};
}

// What tensors and what is fixed may take: of the rest of a budget the allocator's share is lost.
Bytes usable_budget(const PlanInputs& inputs, Bytes fixed) {
  const Bytes rest = inputs.memory_budget - fixed;
  const double share = laws_of(inputs.runtime).memory.allocator_share;
  if (share == 1) return inputs.memory_budget;
  return fixed + Bytes{static_cast<std::int64_t>(static_cast<double>(rest.value) / share)};
}

Toll toll_of(const TransitionCost& cost) {
  return {.time = picoseconds(cost.forward) + picoseconds(cost.backward),
          .transient = cost.transient.value};
}

std::set<int> layouts_of(const search::Problem& problem, int type) {
  std::set<int> numbers;
  for (const Option& option : problem.types[static_cast<std::size_t>(type)].options) {
    numbers.insert(option.layout);
  }
  return numbers;
}

// Types that follow each other somewhere in the chain.
std::set<std::pair<int, int>> neighbours_of(const search::Problem& problem) {
  std::set<std::pair<int, int>> neighbours;
  for (std::size_t layer = 1; layer < problem.layers.size(); ++layer) {
    neighbours.emplace(problem.layers[layer - 1], problem.layers[layer]);
  }
  return neighbours;
}

// Builds one price list.
class PriceListBuilder {
 public:
  PriceListBuilder(const PricingInputs& inputs, const PipelineChoice& choice)
      : inputs_(inputs),
        devices_(device_count(inputs.inputs.hardware) / choice.pipeline),
        samples_(inputs.job.global_batch / choice.micro_batches),
        cluster_(cluster_of(inputs, choice)) {
    list_.choice = choice;
  }

  std::optional<Instance> build() {
    for (int layer = 0; layer < layer_count(inputs_.graph); ++layer) {
      const PlacedLayer placed = placed_layer(layer);
      const auto known = std::find(layers_.begin(), layers_.end(), placed);
      list_.problem.layers.push_back(static_cast<int>(known - layers_.begin()));
      if (known != layers_.end()) continue;
      if (!add_type(placed)) return std::nullopt;
      list_.first_layers.push_back(layer);
    }
    for (const PlacedLayer& placed : layers_) list_.activations.push_back(placed.made);
    add_tolls();
    add_stages();
    return std::move(list_);
  }

 private:
  // A layer and what about its place changes its costs.
  struct PlacedLayer {
    const Layer* layer;
    std::optional<ActivationShape> taken;  // none: the model's first layer
    ActivationShape made;
    bool is_last;
    // How a tied table is charged. With several stages a layer between its first and last use may
    // be with either: it takes the room of an own table, the time of one that others update.
    LayerPlacement::TiedTables room = LayerPlacement::TiedTables::stored;
    LayerPlacement::TiedTables time = LayerPlacement::TiedTables::stored;

    bool operator==(const PlacedLayer&) const = default;
  };

  PlacedLayer placed_layer(int number) const {
    using Tables = LayerPlacement::TiedTables;
    PlacedLayer placed{.layer = &layer_at(inputs_.graph, number),
                       .made = activation_of(number),
                       .is_last = number + 1 == layer_count(inputs_.graph)};
    if (has_table_of(number)) {
      const bool one_stage = list_.choice.pipeline == 1;
      if (one_stage) placed.room = Tables::held_elsewhere;
      if (one_stage || !placed.is_last) placed.time = Tables::held_elsewhere;
    }
    if (number > 0) placed.taken = activation_of(number - 1);
    return placed;
  }

  // Whether a layer before this one uses one of its tied tables.
  bool has_table_of(int number) const {
    return std::any_of(tables_.begin(), tables_.end(), [&](const TiedTable& table) {
      return !table.everywhere && table.layers.front() < number &&
             std::find(table.layers.begin(), table.layers.end(), number) != table.layers.end();
    });
  }

  // Known layouts keep their number; a new one gets the next.
  int layout_number(const Layout& layout) {
    const auto known = std::find(list_.layouts.begin(), list_.layouts.end(), layout);
    const auto number = static_cast<int>(known - list_.layouts.begin());
    if (known == list_.layouts.end()) list_.layouts.push_back(layout);
    return number;
  }

  LayerPlace place_of(int number) const {
    const int before = std::max(number - 1, 0);
    return {devices_, samples_, layer_at(inputs_.graph, before).tokens_per_sample};
  }

  // False where the space leaves the layer no strategy.
  bool add_type(const PlacedLayer& placed) {
    const Layer& layer = *placed.layer;
    const std::int64_t taken =
        placed.taken ? placed.taken->tokens / samples_ : layer.tokens_per_sample;
    std::vector<Strategy> strategies =
        layer_strategies(layer, {devices_, samples_, taken}, inputs_.space);
    if (strategies.empty()) return false;
    search::LayerType type;
    for (const Strategy& strategy : strategies) {
      type.options.push_back(option_of(placed, strategy));
    }
    list_.problem.types.push_back(std::move(type));
    list_.strategies.push_back(std::move(strategies));
    layers_.push_back(placed);
    return true;
  }

  Option option_of(const PlacedLayer& placed, const Strategy& strategy) {
    const Layer& layer = *placed.layer;
    LayerSetting setting{
        .strategy = strategy,
        .group_tokens = samples_ * layer.tokens_per_sample / strategy.data,
        .precision = inputs_.job.precision,
        .clipping = inputs_.job.clip_grad_norm ? Clipping::global_norm : Clipping::none,
        .tied_tables = placed.time};
    LayerCost cost = layer_cost(layer, setting, cluster_);
    setting.tied_tables = placed.room;
    if (placed.room != placed.time) cost.memory = layer_cost(layer, setting, cluster_).memory;
    const LayerMemory& memory = cost.memory;
    const Time backward = picoseconds(cost.backward);
    return {.layout = layout_number(layout_of(strategy)),
            .time = picoseconds(cost.forward) + backward,
            .backward = backward,
            .sync = picoseconds(std::min(cost.exposed_sync, shared_sync(placed, setting))),
            .optimizer = picoseconds(cost.optimizer),
            .states = (memory.parameters + memory.gradients + memory.optimizer).value,
            .activations = memory.saved.value,
            .transient = memory.transient.value};
  }

  // On the stage of a table's last use a use in the middle may reduce the table instead, and hide
  // more of that behind its own backward. What the last use then has left, and the other at least.
  Seconds shared_sync(const PlacedLayer& placed, LayerSetting setting) const {
    Seconds least{std::numeric_limits<double>::infinity()};
    if (list_.choice.pipeline == 1 || !placed.is_last) return least;
    setting.tied_tables = LayerPlacement::TiedTables::held_elsewhere;
    const Seconds left = layer_cost(*placed.layer, setting, cluster_).exposed_sync;
    for (int layer = 0; layer + 1 < layer_count(inputs_.graph); ++layer) {
      if (!has_table_of(layer)) continue;
      for (const Strategy& strategy : alike(layer, setting.strategy)) {
        least = std::min(least, left + table_sync(layer, strategy));
      }
    }
    return least;
  }

  // Every strategy of the layer that treats tied tables as `common` does.
  std::vector<Strategy> alike(int layer, const Strategy& common) const {
    const Space any_recomputation{};
    std::vector<Strategy> found;
    for (const Strategy& strategy :
         layer_strategies(layer_at(inputs_.graph, layer), place_of(layer), inputs_.space)) {
      if (common_part(strategy, any_recomputation) == common_part(common, any_recomputation)) {
        found.push_back(strategy);
      }
    }
    return found;
  }

  // What reducing its tied tables adds to the layer's sync.
  Seconds table_sync(int number, const Strategy& strategy) const {
    const Layer& layer = layer_at(inputs_.graph, number);
    LayerSetting setting{.strategy = strategy,
                         .group_tokens = samples_ * layer.tokens_per_sample / strategy.data,
                         .precision = inputs_.job.precision};
    const Seconds all = layer_cost(layer, setting, cluster_).exposed_sync;
    setting.tied_tables = LayerPlacement::TiedTables::held_elsewhere;
    return all - layer_cost(layer, setting, cluster_).exposed_sync;
  }

  const LayoutChange& change(const Layout& from, const Layout& to) {
    return inputs_.layout_changes.of(from, to, devices_);
  }

  // What the layer makes.
  ActivationShape activation_of(int number) const {
    return {.tokens = samples_ * layer_at(inputs_.graph, number).tokens_per_sample,
            .hidden = widths_[static_cast<std::size_t>(number)],
            .precision = inputs_.job.precision};
  }

  void add_tolls() {
    list_.problem.layouts = static_cast<int>(list_.layouts.size());
    list_.problem.switches.clear();
    std::vector<ActivationShape> shapes;  // by table: activations of equal size share one
    for (std::size_t type = 0; type < layers_.size(); ++type) {
      const ActivationShape& activation = list_.activations[type];
      const auto known = std::find(shapes.begin(), shapes.end(), activation);
      list_.problem.types[type].switch_table = static_cast<int>(known - shapes.begin());
      if (known == shapes.end()) {
        shapes.push_back(activation);
        list_.problem.switches.emplace_back();
      }
      if (list_.choice.pipeline > 1) add_boundary(static_cast<int>(type));
    }
  }

  // What a stage pays and holds that begins or ends with the type.
  void add_boundary(int number) {
    const auto type = static_cast<std::size_t>(number);
    const PlacedLayer& placed = layers_[type];
    search::LayerType& priced = list_.problem.types[type];
    const Layout canonical = canonical_layout(devices_);
    if (placed.taken) {
      priced.enter_bytes = transfer_bytes(*placed.taken, cluster_).value;
      priced.enter = tolls(number, [&](const Layout& layout) {
        return enter_cost(change(canonical, layout), *placed.taken, cluster_);
      });
    }
    if (!placed.is_last) {
      priced.leave_bytes = transfer_bytes(placed.made, cluster_).value;
      priced.leave = tolls(number, [&](const Layout& layout) {
        return leave_cost(change(layout, canonical), placed.made, cluster_);
      });
    }
  }

  // By layout, of those that the type may have.
  template <typename Cost>
  std::vector<Toll> tolls(int type, Cost cost) const {
    std::vector<Toll> found(list_.layouts.size());
    for (const int number : layouts_of(list_.problem, type)) {
      const auto at = static_cast<std::size_t>(number);
      found[at] = toll_of(cost(list_.layouts[at]));
    }
    return found;
  }

  void add_stages() {
    const PipelineChoice& choice = list_.choice;
    list_.problem.micro_batches = choice.micro_batches;
    list_.problem.constant_time = picoseconds(constant_time(inputs_.graph, inputs_.job, cluster_));
    const Bytes fixed = total(stage_overhead(cluster_)) + inputs_.inputs.memory_reserve;
    list_.problem.memory_budget = usable_budget(inputs_.inputs, fixed).value;
    for (int stage = 0; stage < choice.pipeline; ++stage) {
      list_.problem.stages.push_back(
          {.in_flight = micro_batches_in_flight(choice.schedule, choice.pipeline, stage,
                                                choice.micro_batches),
           .fixed_bytes = fixed.value});
    }
  }

  const PricingInputs& inputs_;
  int devices_;
  std::int64_t samples_;
  Cluster cluster_;
  Instance list_;
  std::vector<TiedTable> tables_ = tied_tables(inputs_.graph);
  std::vector<std::int64_t> widths_ = widths_after(inputs_.graph);
  std::vector<PlacedLayer> layers_;  // by problem type
};

// Prices the changes of layout between types that follow each other; the others never happen.
void price_switches(Instance& instance, const PricingInputs& inputs) {
  const Cluster cluster = cluster_of(inputs, instance.choice);
  search::Problem& problem = instance.problem;
  const std::size_t layouts = instance.layouts.size();
  for (search::SwitchTable& table : problem.switches) table.tolls.resize(layouts * layouts);
  for (const auto& [from_type, to_type] : neighbours_of(problem)) {
    const auto type = static_cast<std::size_t>(from_type);
    const auto table = static_cast<std::size_t>(problem.types[type].switch_table);
    const std::set<int> to_layouts = layouts_of(problem, to_type);
    for (const int from : layouts_of(problem, from_type)) {
      for (const int to : to_layouts) {
        const auto first = static_cast<std::size_t>(from), second = static_cast<std::size_t>(to);
        const LayoutChange& change = inputs.layout_changes.of(
            instance.layouts[first], instance.layouts[second], cluster.devices_per_stage);
        problem.switches[table].tolls[first * layouts + second] =
            toll_of(transition_cost(change, instance.activations[type], cluster));
      }
    }
  }
}

// Keeps the options that share `common`; none where a type is left without one.
std::optional<Instance> cut_out(const Instance& list, const Strategy& common,
                                const PricingInputs& inputs) {
  const Runtime& runtime = inputs.inputs.runtime;
  Instance cut = list;
  for (std::size_t type = 0; type < list.strategies.size(); ++type) {
    const Layer& layer = layer_at(inputs.graph, list.first_layers[type]);
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
    const Layer& layer = layer_at(inputs.graph, list.first_layers[type]);
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

// Whether the devices of a stage share the tokens of every activation evenly, wherever it is cut.
bool divides_boundaries(const LayerGraph& graph, std::int64_t samples, std::int64_t devices) {
  for (int layer = 0; layer + 1 < layer_count(graph); ++layer) {
    if (samples * layer_at(graph, layer).tokens_per_sample % devices != 0) return false;
  }
  return true;
}

}  // namespace

std::vector<PipelineChoice> pipeline_choices(const PricingInputs& inputs) {
  const SearchSpace& space = inputs.space;
  const int devices = device_count(inputs.inputs.hardware);
  // GPipe takes as long as 1F1B and keeps more activations: only where it is asked for.
  const Schedule schedule =
      allows(space.schedule, Schedule::one_f_one_b) ? Schedule::one_f_one_b : Schedule::gpipe;
  std::vector<PipelineChoice> choices;
  for (const std::int64_t pipeline : divisors(devices)) {
    if (pipeline > layer_count(inputs.graph) || !allows(space.pipeline, pipeline)) continue;
    for (const std::int64_t micro_batches : divisors(inputs.job.global_batch)) {
      if (!allows(space.micro_batches, micro_batches)) continue;
      const std::int64_t samples = inputs.job.global_batch / micro_batches;
      if (pipeline > 1 && !divides_boundaries(inputs.graph, samples, devices / pipeline)) continue;
      choices.push_back({static_cast<int>(pipeline), micro_batches, schedule});
    }
  }
  return choices;
}

std::optional<Instance> price_list(const PricingInputs& inputs, const PipelineChoice& choice) {
  return PriceListBuilder(inputs, choice).build();
}

std::vector<Instance> problems_of(const Instance& price_list, const PricingInputs& inputs) {
  Instance list = price_list;
  price_switches(list, inputs);
  const std::vector<Strategy> commons = common_parts(list, inputs);
  if (commons.empty()) return {std::move(list)};
  std::vector<Instance> problems;
  for (const Strategy& common : commons) {
    if (std::optional<Instance> cut = cut_out(list, common, inputs)) {
      problems.push_back(std::move(*cut));
    }
  }
  return problems;
}

Plan plan_of(const Model& model, const PricingInputs& inputs, const Instance& instance,
             const search::Assignment& assignment) {
  Plan plan{.model = model,
            .job = inputs.job,
            .devices = device_count(inputs.inputs.hardware),
            .micro_batches = instance.choice.micro_batches,
            .schedule = instance.choice.schedule};
  const int layers = layer_count(inputs.graph);
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
