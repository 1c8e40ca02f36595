#include "planner/search/stage_model.h"

#include <algorithm>
#include <utility>

namespace galvatron::search {
namespace {

// Exchange rates. When t falls, T falls at least as much; when y grows or b falls by d, or o grows
// by d, T grows by at most d. So one option replaces another in every plan if it is no larger in
// all of these six (the last three matter because y, b and o can move against t and against each
// other).
std::array<Time, 6> exchange_rates(const Option& option) {
  const Time t = option.time, b = option.backward, y = option.sync, o = option.optimizer;
  return {t, t - b, t + y, t + o, t - b + o, t + y + o};
}

bool no_larger(const auto& left, const auto& right) {
  return std::equal(left.begin(), left.end(), right.begin(),
                    [](auto one, auto other) { return one <= other; });
}

// Everything that may count against an option, whatever the number of micro-batches in flight.
std::array<std::int64_t, 9> burdens(const Option& option) {
  const std::array<Time, 6> rates = exchange_rates(option);
  return {rates[0],      rates[1],           rates[2],
          rates[3],      rates[4],           rates[5],
          option.states, option.activations, option.states + option.transient};
}

std::array<std::int64_t, 8> burdens_in_flight(const Option& option, std::int64_t in_flight) {
  const std::array<Time, 6> rates = exchange_rates(option);
  const Size memory = option.states + in_flight * option.activations;
  return {rates[0], rates[1], rates[2], rates[3],
          rates[4], rates[5], memory,   memory + option.transient};
}

std::array<std::int64_t, 9> burdens_of_item(const Item& item) {
  return {item.cost[0],
          item.cost[1],
          item.cost[2],
          item.capped[kOptimizer],
          item.capped[kTail],
          item.capped[kSync],
          item.capped[kLack],
          item.memory,
          item.memory + item.transient};
}

// Indices of the entries, by layout: those of layout g are index[begin[g]] up to
// index[begin[g + 1]].
struct ByLayout {
  std::vector<std::size_t> begin{};
  std::vector<std::size_t> index{};
};

ByLayout by_layout(const std::vector<int>& layouts) {
  ByLayout sorted{.index = std::vector<std::size_t>(layouts.size())};
  for (const int layout : layouts) {
    const auto after = static_cast<std::size_t>(layout) + 2;
    if (after >= sorted.begin.size()) sorted.begin.resize(after + 1);
    ++sorted.begin[after];
  }
  for (std::size_t i = 1; i < sorted.begin.size(); ++i) sorted.begin[i] += sorted.begin[i - 1];
  for (std::size_t index = 0; index < layouts.size(); ++index) {
    sorted.index[sorted.begin[static_cast<std::size_t>(layouts[index]) + 1]++] = index;
  }
  return sorted;
}

// Indices of the entries that no other entry of the same layout beats; the earlier of equals stays.
template <typename Burdens>
std::vector<int> unbeaten(const std::vector<int>& layouts, const std::vector<Burdens>& burden) {
  const ByLayout sorted = by_layout(layouts);
  std::vector<int> kept;
  for (std::size_t mine = 0; mine < burden.size(); ++mine) {
    const auto layout = static_cast<std::size_t>(layouts[mine]);
    const auto first = sorted.index.begin() + static_cast<std::ptrdiff_t>(sorted.begin[layout]);
    const auto last = sorted.index.begin() + static_cast<std::ptrdiff_t>(sorted.begin[layout + 1]);
    const bool beaten = std::any_of(first, last, [&](std::size_t other) {
      return other != mine && no_larger(burden[other], burden[mine]) &&
             (other < mine || !no_larger(burden[mine], burden[other]));
    });
    if (!beaten) kept.push_back(static_cast<int>(mine));
  }
  return kept;
}

Criteria criteria_of(const Option& option, const Problem& problem, Purpose purpose) {
  const Time t = option.time, m = problem.micro_batches;
  switch (purpose) {
    case Purpose::least_time:
      return {t, 0, 0};
    case Purpose::first_stage:
      return {t + option.sync, m * t + option.sync, 0};
    case Purpose::front:
      return {t, t - option.backward, t + option.sync};
    case Purpose::whole_model:
      return {m * t + option.sync + option.optimizer, 0, 0};
  }
  return {};
}

// Those that count; zero for the others.
CappedTimes counted_times(const Option& option, Time most_backward, const Capped& capped) {
  CappedTimes times = capped_times(option, most_backward);
  for (std::size_t j = 0; j < kCappedTimes; ++j) {
    if (!capped[j]) times[j] = 0;
  }
  return times;
}

struct Shape {
  int criteria;
  Criteria toll_factor;
};

Shape shape_of(Purpose purpose, std::int64_t micro_batches) {
  switch (purpose) {
    case Purpose::least_time:
      return {1, {1, 0, 0}};
    case Purpose::first_stage:
      return {2, {1, micro_batches, 0}};
    case Purpose::front:
      return {3, {1, 1, 1}};
    case Purpose::whole_model:
      return {1, {micro_batches, 0, 0}};
  }
  return {};
}

std::vector<int> layouts_of(const std::vector<Option>& options) {
  std::vector<int> layouts;
  layouts.reserve(options.size());
  for (const Option& option : options) layouts.push_back(option.layout);
  return layouts;
}

// Each value once, rising.
std::vector<Size> distinct(std::vector<Size> sizes) {
  std::sort(sizes.begin(), sizes.end());
  sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
  return sizes;
}

TypeItems items_of(const std::vector<Item>& candidates, const std::vector<int>& layouts,
                   int count) {
  std::vector<std::array<std::int64_t, 9>> burden;
  burden.reserve(candidates.size());
  for (const Item& item : candidates) burden.push_back(burdens_of_item(item));
  std::vector<int> kept = unbeaten(layouts, burden);
  const auto layout_of = [&](int index) { return layouts[static_cast<std::size_t>(index)]; };
  std::stable_sort(kept.begin(), kept.end(),
                   [&](int one, int other) { return layout_of(one) < layout_of(other); });
  TypeItems result;
  result.items.reserve(kept.size());
  for (const int index : kept) {
    result.begin.resize(static_cast<std::size_t>(layout_of(index)) + 1,
                        static_cast<int>(result.items.size()));
    result.items.push_back(candidates[static_cast<std::size_t>(index)]);
  }
  result.begin.resize(static_cast<std::size_t>(count) + 1, static_cast<int>(result.items.size()));
  for (const Item& item : result.items) {
    result.transients.push_back(item.transient);
    for (std::size_t j = 0; j < kCriteria; ++j) {
      result.most_cost[j] = std::max(result.most_cost[j], item.cost[j]);
    }
  }
  result.transients = distinct(std::move(result.transients));
  return result;
}

TypeItems make_type_items(const Problem& problem, const LayerType& type,
                          const StageQuestion& question, const LayoutClasses& classes) {
  std::vector<std::array<std::int64_t, 8>> burden;
  for (const Option& option : type.options) {
    burden.push_back(burdens_in_flight(option, question.shape.in_flight));
  }
  const Size room = problem.memory_budget - question.shape.fixed_bytes;
  const Time backward = most_backward(type);
  std::vector<Item> items;
  std::vector<int> layouts;
  for (const int index : unbeaten(layouts_of(type.options), burden)) {
    const Option& option = type.options[static_cast<std::size_t>(index)];
    const int layout = classes.of_layout[static_cast<std::size_t>(option.layout)];
    const Size memory = option.states + question.shape.in_flight * option.activations;
    if (memory + option.transient > room) continue;
    items.push_back({.cost = criteria_of(option, problem, question.purpose),
                     .capped = counted_times(option, backward, question.capped),
                     .memory = memory,
                     .transient = option.transient,
                     .option = index,
                     .layout = layout});
    layouts.push_back(layout);
  }
  return items_of(items, layouts, classes.count);
}

Switches switches_of(const std::vector<Toll>& tolls, std::size_t layouts) {
  Switches switches{.tolls = std::vector<Toll>(layouts * layouts)};
  for (std::size_t to = 0; to < layouts; ++to) {
    for (std::size_t from = 0; from < layouts; ++from) {
      if (from != to) switches.tolls[to * layouts + from] = tolls[from * layouts + to];
    }
  }
  for (const Toll& toll : switches.tolls) {
    switches.times.push_back(toll.time);
    switches.weights.push_back(static_cast<double>(toll.time));
    switches.transients.push_back(toll.transient);
    switches.most_time = std::max(switches.most_time, toll.time);
  }
  switches.transients = distinct(std::move(switches.transients));
  return switches;
}

}  // namespace

Time most_backward(const LayerType& type) {
  Time most = 0;
  for (const Option& option : type.options) most = std::max(most, option.backward);
  return most;
}

SharedTolls make_tolls(const Problem& problem) {
  Tolls tolls{.layouts = layout_classes(problem)};
  for (const std::vector<Toll>& table : tolls.layouts.switches) {
    tolls.switches.push_back(switches_of(table, static_cast<std::size_t>(tolls.layouts.count)));
  }
  return std::make_shared<const Tolls>(std::move(tolls));
}

StageModel make_stage_model(const Problem& problem, const StageQuestion& question,
                            SharedTolls tolls) {
  const Shape shape = shape_of(question.purpose, problem.micro_batches);
  StageModel model{.problem = &problem,
                   .criteria = shape.criteria,
                   .toll_factor = shape.toll_factor,
                   .room = problem.memory_budget - question.shape.fixed_bytes,
                   .shape = question.shape,
                   .capped = question.capped,
                   .types = {},
                   .tolls = std::move(tolls)};
  for (const LayerType& type : problem.types) {
    model.types.push_back(make_type_items(problem, type, question, model.tolls->layouts));
  }
  return model;
}

Size room_of(const StageModel& model, const Interval& interval) {
  return model.room - boundary_bytes(type_of(model, interval.runs.front()),
                                     type_of(model, interval.runs.back()));
}

PrunedProblem prune_options(const Problem& problem) {
  PrunedProblem pruned{.problem = problem};
  for (LayerType& type : pruned.problem.types) {
    std::vector<std::array<std::int64_t, 9>> burden;
    for (const Option& option : type.options) burden.push_back(burdens(option));
    pruned.original.push_back(unbeaten(layouts_of(type.options), burden));
    std::vector<Option> kept;
    for (const int index : pruned.original.back()) {
      kept.push_back(type.options[static_cast<std::size_t>(index)]);
    }
    type.options = std::move(kept);
  }
  return pruned;
}

}  // namespace galvatron::search
