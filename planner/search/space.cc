#include "planner/search/space.h"

#include <fmt/format.h>

#include <algorithm>

#include "planner/files/nearest.h"
#include "planner/files/quantity.h"

namespace galvatron {
namespace {

// The set of an axis whose values are words of a table; unknown words become problems.
template <typename T, std::size_t N>
std::set<T> read_words(const AxisRestriction& restriction, const NamedValues<T, N>& names,
                       std::vector<SpaceProblem>& problems) {
  std::set<T> values;
  std::vector<std::string> words;
  for (const auto& entry : names) words.emplace_back(entry.second);
  for (const std::string& text : restriction.values) {
    if (const std::optional<T> value = value_of(names, text)) {
      values.insert(*value);
    } else {
      problems.push_back({fmt::format("{} must be one of {}, got {}", restriction.axis,
                                      fmt::join(words, ", "), text),
                          ""});
    }
  }
  return values;
}

std::set<std::int64_t> read_degrees(const AxisRestriction& restriction,
                                    std::vector<SpaceProblem>& problems) {
  std::set<std::int64_t> values;
  for (const std::string& text : restriction.values) {
    const std::optional<std::int64_t> value = parse_integer(text);
    if (value && *value >= 1) {
      values.insert(*value);
    } else {
      problems.push_back(
          {fmt::format("{} must be an integer of at least 1, got {}", restriction.axis, text), ""});
    }
  }
  return values;
}

// All values of `values`, as a set.
template <typename T>
std::set<T> set_of(const std::vector<T>& values) {
  return {values.begin(), values.end()};
}

SearchSpace executed_by(const Space& runtime, const StageLaws& laws) {
  SearchSpace space{.order = set_of(runtime.order),
                    .zero = set_of(runtime.zero),
                    .recompute = set_of(runtime.recompute),
                    .schedule = set_of(runtime.schedule),
                    .head = laws.head};
  if (!runtime.sequence_parallel) space.sequence_parallel = std::set<bool>{false};
  return space;
}

// Keeps what both allow.
template <typename T>
void intersect(std::optional<std::set<T>>& axis, const std::set<T>& values) {
  if (!axis) {
    axis = values;
    return;
  }
  std::erase_if(*axis, [&](const T& value) { return values.count(value) == 0; });
}

void restrict_axis(SearchSpace& space, const AxisRestriction& only,
                   std::vector<SpaceProblem>& problems) {
  const std::string& axis = only.axis;
  if (axis == "pipeline") return intersect(space.pipeline, read_degrees(only, problems));
  if (axis == "micro_batches") return intersect(space.micro_batches, read_degrees(only, problems));
  if (axis == "tensor") return intersect(space.tensor, read_degrees(only, problems));
  if (axis == "data") return intersect(space.data, read_degrees(only, problems));
  if (axis == "order") return intersect(space.order, read_words(only, kOrderNames, problems));
  if (axis == "zero") return intersect(space.zero, read_words(only, kZeroNames, problems));
  if (axis == "recompute") {
    for (const std::string& value : only.values) {
      if (value != name_of(kRecomputeNames, Recompute::op)) continue;
      problems.push_back({"recompute op is priced by galvatron estimate, never chosen", ""});
    }
    return intersect(space.recompute, read_words(only, kRecomputeNames, problems));
  }
  if (axis == "sequence_parallel") {
    return intersect(space.sequence_parallel, read_words(only, kBoolNames, problems));
  }
  if (axis == "schedule") {
    return intersect(space.schedule, read_words(only, kScheduleNames, problems));
  }
  if (axis != "recompute_op" && value_of(kPricedAxisNames, axis)) {
    problems.push_back({axis + " is priced by galvatron estimate, never chosen", ""});
    return;
  }
  problems.push_back(
      {fmt::format("unknown axis {}, expected one of {}", axis, fmt::join(axis_names(), ", ")),
       suggestion(axis, axis_names())});
}

bool tensor_fits(const Layer& layer, int tensor) {
  return std::all_of(layer.tensor_divides.begin(), layer.tensor_divides.end(),
                     [&](const DivisibleBy& size) { return size.value % tensor == 0; });
}

bool divides(const Layout& layout, const LayerPlace& place, std::int64_t tokens_per_sample) {
  return divides_tokens(layout, {place.devices, place.samples * tokens_per_sample},
                        tokens_per_sample);
}

// The layouts of `tensor` x `data` that the space allows and that divide the tokens.
std::vector<Layout> layouts(const Layer& layer, const LayerPlace& place, const SearchSpace& space,
                            int tensor) {
  const int data = place.devices / tensor;
  std::vector<Layout> found;
  for (const Order order : {Order::tensor_inner, Order::data_inner}) {
    const bool both_split = tensor > 1 && data > 1;
    if (both_split ? !allows(space.order, order) : order != Order::tensor_inner) continue;
    for (const bool sequence_parallel : {false, true}) {
      if (tensor > 1 ? !allows(space.sequence_parallel, sequence_parallel) : sequence_parallel) {
        continue;
      }
      if (sequence_parallel && !layer.whole_tokens_reason.empty()) continue;
      const Layout layout{tensor, data, order, sequence_parallel};
      if (divides(layout, place, place.taken_tokens_per_sample) &&
          divides(layout, place, layer.tokens_per_sample)) {
        found.push_back(layout);
      }
    }
  }
  return found;
}

// An embedding keeps nothing but its token ids: there is nothing to compute again.
std::vector<Recompute> recomputations(const Layer& layer, const SearchSpace& space) {
  if (layer.kind == LayerKind::embedding) return {Recompute::none};
  if (layer.kind == LayerKind::head && space.head == HeadRecompute::never) {
    return {Recompute::none};
  }
  std::vector<Recompute> found;
  for (const auto& entry : kRecomputeNames) {
    if (entry.first == Recompute::op) continue;  // priced where it is asked for, never chosen
    if (allows(space.recompute, entry.first)) found.push_back(entry.first);
  }
  return found;
}

std::vector<Zero> zero_stages(int data, const SearchSpace& space) {
  if (data == 1) return {Zero::none};
  std::vector<Zero> found;
  for (const auto& entry : kZeroNames) {
    if (allows(space.zero, entry.first)) found.push_back(entry.first);
  }
  return found;
}

}  // namespace

const std::vector<std::string>& axis_names() {
  static const std::vector<std::string> names{
      "pipeline",  "micro_batches",     "tensor",  "data", "order", "zero",
      "recompute", "sequence_parallel", "schedule"};
  return names;
}

SpaceReading read_space(const std::vector<AxisRestriction>& only, const Runtime& runtime) {
  SpaceReading reading{.space = executed_by(runtime.space, laws_of(runtime).stages),
                       .problems = {}};
  for (const AxisRestriction& restriction : only) {
    restrict_axis(reading.space, restriction, reading.problems);
  }
  return reading;
}

std::vector<Strategy> layer_strategies(const Layer& layer, const LayerPlace& place,
                                       const SearchSpace& space) {
  std::vector<Strategy> found;
  for (const std::int64_t degree : divisors(place.devices)) {
    const int tensor = static_cast<int>(degree);
    const int data = place.devices / tensor;
    if (!allows(space.tensor, degree) || !allows<std::int64_t>(space.data, data)) continue;
    if (!tensor_fits(layer, tensor)) continue;
    for (const Layout& layout : layouts(layer, place, space, tensor)) {
      for (const Zero zero : zero_stages(data, space)) {
        for (const Recompute recompute : recomputations(layer, space)) {
          found.push_back({.tensor = tensor,
                           .data = data,
                           .order = layout.order,
                           .zero = zero,
                           .sequence_parallel = layout.sequence_parallel,
                           .recompute = recompute});
        }
      }
    }
  }
  return found;
}

Strategy part_for_tables(Strategy strategy) {
  strategy.sequence_parallel = false;
  strategy.recompute = Recompute::none;
  return strategy;
}

std::vector<std::int64_t> divisors(std::int64_t value) {
  std::vector<std::int64_t> small;
  std::vector<std::int64_t> large;
  for (std::int64_t factor = 1; factor * factor <= value; ++factor) {
    if (value % factor != 0) continue;
    small.push_back(factor);
    if (factor * factor != value) large.push_back(value / factor);
  }
  small.insert(small.end(), large.rbegin(), large.rend());
  return small;
}

}  // namespace galvatron
