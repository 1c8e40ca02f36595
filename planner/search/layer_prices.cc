#include "planner/search/layer_prices.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <optional>
#include <set>
#include <utility>

#include "planner/plan/hardware_yaml.h"
#include "planner/plan/placement.h"
#include "planner/schedule/price.h"
#include "planner/search/picoseconds.h"

namespace galvatron {
namespace {

using search::Option;
using search::Time;
using search::Toll;

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

// Prices the layers for one setting.
class LayerPricer {
 public:
  LayerPricer(PriceBook& book, const StageSetting& setting)
      : book_(book),
        graph_(book.source().graph),
        pipeline_(setting.pipeline),
        samples_(setting.samples),
        shared_(setting.shared),
        cluster_(book.cluster(setting.pipeline)) {}

  // Null where the space leaves a layer no strategy.
  std::unique_ptr<LayerPrices> run() {
    for (int layer = 0; layer < layer_count(graph_); ++layer) {
      const PlacedLayer placed = placed_layer(layer);
      const auto known = std::find(layers_.begin(), layers_.end(), placed);
      list_.problem.layers.push_back(static_cast<int>(known - layers_.begin()));
      if (known != layers_.end()) continue;
      if (!add_type(placed)) return nullptr;
      list_.first_layers.push_back(layer);
    }
    for (const PlacedLayer& placed : layers_) list_.activations.push_back(placed.made);
    add_tolls();
    list_.problem.constant_time = picoseconds(constant_time(graph_, book_.source().job, cluster_));
    return std::make_unique<LayerPrices>(std::move(list_));
  }

 private:
  // A layer and what about its place changes its costs.
  struct PlacedLayer {
    const Layer* layer;
    std::optional<ActivationShape> taken;  // none: the model's first layer
    ActivationShape made;
    bool is_last;
    // How a tied table is charged. With several stages a layer between its first and last use may
    // be with either: it takes the room of an own table and, where nothing else is said, the time
    // of one that others update.
    LayerPlacement::TiedTables room = LayerPlacement::TiedTables::stored;
    LayerPlacement::TiedTables time = LayerPlacement::TiedTables::stored;
    std::size_t use = 0;  // which use of the table that has places, the first being 0

    bool operator==(const PlacedLayer&) const = default;
  };

  PlacedLayer placed_layer(int number) const {
    using Tables = LayerPlacement::TiedTables;
    PlacedLayer placed{.layer = &layer_at(graph_, number),
                       .made = activation_of(number),
                       .is_last = number + 1 == layer_count(graph_)};
    if (has_table_of(number)) {
      if (pipeline_ == 1) placed.room = Tables::held_elsewhere;
      placed.use = use_of(number);
      if (is_updated_elsewhere(placed)) placed.time = Tables::held_elsewhere;
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

  std::size_t use_of(int number) const {
    const auto use = std::find(uses_.begin(), uses_.end(), number);
    return use == uses_.end() ? 0 : static_cast<std::size_t>(use - uses_.begin());
  }

  // Whether a later use of a tied table is taken to find it on its stage.
  bool is_updated_elsewhere(const PlacedLayer& placed) const {
    if (pipeline_ == 1) return true;
    return shared_.empty() ? !placed.is_last : shared_[placed.use - 1];
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
    return {cluster_.devices_per_stage, samples_, layer_at(graph_, before).tokens_per_sample};
  }

  // False where the space leaves the layer no strategy.
  bool add_type(const PlacedLayer& placed) {
    const Layer& layer = *placed.layer;
    const std::int64_t taken =
        placed.taken ? placed.taken->tokens / samples_ : layer.tokens_per_sample;
    std::vector<Strategy> strategies = layer_strategies(
        layer, {cluster_.devices_per_stage, samples_, taken}, book_.source().space);
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

  LayerSetting setting_of(const Layer& layer, const Strategy& strategy) const {
    const Job& job = book_.source().job;
    return {.strategy = strategy,
            .group_tokens = samples_ * layer.tokens_per_sample / strategy.data,
            .precision = job.precision,
            .clipping = job.clip_grad_norm ? Clipping::global_norm : Clipping::none};
  }

  Option option_of(const PlacedLayer& placed, const Strategy& strategy) {
    const Layer& layer = *placed.layer;
    LayerCosts& costs = book_.costs(layer, pipeline_);
    LayerSetting setting = setting_of(layer, strategy);
    setting.tied_tables = placed.time;
    LayerCost cost = costs.of(setting);
    setting.tied_tables = placed.room;
    if (placed.room != placed.time) cost.memory = costs.of(setting).memory;
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
  // Infinite where it is said which of them does.
  Seconds shared_sync(const PlacedLayer& placed, LayerSetting setting) const {
    Seconds least{std::numeric_limits<double>::infinity()};
    if (pipeline_ == 1 || !placed.is_last || !shared_.empty()) return least;
    setting.tied_tables = LayerPlacement::TiedTables::held_elsewhere;
    const Seconds left = book_.costs(*placed.layer, pipeline_).of(setting).exposed_sync;
    for (int layer = 0; layer + 1 < layer_count(graph_); ++layer) {
      if (!has_table_of(layer)) continue;
      for (const Strategy& strategy : alike(layer, setting.strategy)) {
        least = std::min(least, left + table_sync(layer, strategy));
      }
    }
    return least;
  }

  // Every strategy of the layer that treats tied tables as `common` does.
  std::vector<Strategy> alike(int layer, const Strategy& common) const {
    std::vector<Strategy> found =
        layer_strategies(layer_at(graph_, layer), place_of(layer), book_.source().space);
    std::erase_if(found, [&](const Strategy& strategy) {
      return part_for_tables(strategy) != part_for_tables(common);
    });
    return found;
  }

  // What reducing its tied tables adds to the layer's sync.
  Seconds table_sync(int number, const Strategy& strategy) const {
    const Layer& layer = layer_at(graph_, number);
    LayerCosts& costs = book_.costs(layer, pipeline_);
    LayerSetting setting = setting_of(layer, strategy);
    const Seconds all = costs.of(setting).exposed_sync;
    setting.tied_tables = LayerPlacement::TiedTables::held_elsewhere;
    return all - costs.of(setting).exposed_sync;
  }

  const LayoutChange& change(const Layout& from, const Layout& to) {
    return book_.layout_change(from, to, pipeline_);
  }

  // What the layer makes.
  ActivationShape activation_of(int number) const {
    return {.tokens = samples_ * layer_at(graph_, number).tokens_per_sample,
            .hidden = widths_[static_cast<std::size_t>(number)],
            .precision = book_.source().job.precision};
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
      if (pipeline_ > 1) add_boundary(static_cast<int>(type));
    }
  }

  // What a stage pays and holds that begins or ends with the type.
  void add_boundary(int number) {
    const auto type = static_cast<std::size_t>(number);
    const PlacedLayer& placed = layers_[type];
    search::LayerType& priced = list_.problem.types[type];
    const Layout canonical = canonical_layout(cluster_.devices_per_stage);
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

  PriceBook& book_;
  const LayerGraph& graph_;
  int pipeline_;
  std::int64_t samples_;
  const SharedUses& shared_;
  const Cluster& cluster_;
  LayerPrices list_;
  std::vector<TiedTable> tables_ = tied_tables(graph_);
  std::vector<int> uses_ = placed_uses(graph_);
  std::vector<std::int64_t> widths_ = widths_after(graph_);
  std::vector<PlacedLayer> layers_;  // by problem type
};

// From a layout that a type may have to one that a type after it may have, by number.
struct Switch {
  std::size_t type = 0;
  std::size_t from = 0;
  std::size_t to = 0;
};

// Those between types that follow each other; the others never happen.
std::vector<Switch> switches_of(const search::Problem& problem) {
  std::vector<Switch> switches;
  for (const auto& [from_type, to_type] : neighbours_of(problem)) {
    const std::set<int> to_layouts = layouts_of(problem, to_type);
    for (const int from : layouts_of(problem, from_type)) {
      for (const int to : to_layouts) {
        switches.push_back({.type = static_cast<std::size_t>(from_type),
                            .from = static_cast<std::size_t>(from),
                            .to = static_cast<std::size_t>(to)});
      }
    }
  }
  return switches;
}

std::vector<search::SwitchTable> priced_switches(const LayerPrices& prices, PriceBook& book,
                                                 int pipeline) {
  const search::Problem& problem = prices.problem;
  const std::vector<Switch> switches = switches_of(problem);
  std::vector<std::pair<Layout, Layout>> changes;
  changes.reserve(switches.size());
  for (const Switch& change : switches) {
    changes.emplace_back(prices.layouts[change.from], prices.layouts[change.to]);
  }
  book.look_at_changes(changes, pipeline);
  const std::size_t layouts = prices.layouts.size();
  std::vector<search::SwitchTable> tables = problem.switches;
  for (search::SwitchTable& table : tables) table.tolls.resize(layouts * layouts);
  for (std::size_t index = 0; index < switches.size(); ++index) {
    const auto& [type, from, to] = switches[index];
    const LayoutChange& change =
        book.layout_change(changes[index].first, changes[index].second, pipeline);
    const auto table = static_cast<std::size_t>(problem.types[type].switch_table);
    tables[table].tolls[from * layouts + to] =
        toll_of(transition_cost(change, prices.activations[type], book.cluster(pipeline)));
  }
  return tables;
}

}  // namespace

PriceBook::PriceBook(const PriceSource& source, int threads) : source_(source), threads_(threads) {
  assert(missing_keys(source.hardware).empty());
}

PriceBook::Stages& PriceBook::stages(int pipeline) {
  const auto known = stages_.find(pipeline);
  if (known != stages_.end()) return known->second;
  Stages& stages = stages_[pipeline];
  stages.cluster = {.hardware = source_.hardware,
                    .runtime = source_.runtime,
                    .profile = source_.profile,
                    .stages = pipeline,
                    .devices_per_stage = device_count(source_.hardware) / pipeline};
  return stages;
}

LayerCosts& PriceBook::costs(const Layer& layer, int pipeline) {
  Stages& on = stages(pipeline);
  return on.costs.try_emplace(&layer, layer, on.cluster).first->second;
}

const LayerPrices* PriceBook::prices(const StageSetting& setting) {
  const auto [known, is_new] = prices_.try_emplace(setting);
  if (is_new) known->second = LayerPricer(*this, setting).run();
  return known->second.get();
}

const std::vector<search::SwitchTable>& PriceBook::switches(const StageSetting& setting) {
  const auto [known, is_new] = switches_.try_emplace(setting);
  if (is_new) known->second = priced_switches(*prices(setting), *this, setting.pipeline);
  return known->second;
}

}  // namespace galvatron
