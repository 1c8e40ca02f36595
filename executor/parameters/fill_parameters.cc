#include "executor/parameters/fill_parameters.h"

#include <ATen/ops/zeros.h>

#include <algorithm>

namespace galvatron {
namespace {

struct UnitOfLayer {
  const LayerGraph& graph;
  int layer = 0;
  const UnitLayout& layout;
};

// Elements `window` of the flat buffer, in fp32.
at::Tensor values_of(const UnitOfLayer& unit, const ElementRange& window,
                     const WeightSource& source) {
  const at::Tensor values = at::zeros({element_count(window)}, at::kFloat);
  const Layer& layer = layer_at(unit.graph, unit.layer);
  for (const ParameterPlace& place : unit.layout.places) {
    const std::int64_t begin = std::max(place.elements.begin, window.begin);
    const std::int64_t end = std::min(place.elements.end, window.end);
    if (begin >= end) continue;
    const Parameter& parameter = layer.parameters[static_cast<std::size_t>(place.parameter)];
    const ElementRanges elements =
        part_of(slice_ranges(parameter.shape, place.slice),
                {begin - place.elements.begin, end - place.elements.begin});
    source(parameter, parameter_name(unit.graph, unit.layer, parameter), elements,
           {values.mutable_data_ptr<float>() + (begin - window.begin),
            static_cast<std::size_t>(end - begin)});
  }
  return values;
}

}  // namespace

void fill_parameters(ParameterStore& store, const LayerGraph& graph, const WeightSource& source) {
  for (const ParameterStore::Place& place : store.stored()) {
    UnitBuffers& unit = store.unit(place);
    const UnitLayout& layout = unit.layout;
    const UnitOfLayer of_layer{.graph = graph, .layer = place.layer, .layout = layout};
    if (keeps_whole_weights(layout.zero)) {
      const at::Tensor whole = values_of(of_layer, {0, layout.elements}, source);
      unit.weights.whole().copy_(whole);
      if (unit.master.defined()) {
        unit.master.copy_(whole.narrow(0, layout.shard.begin, element_count(layout.shard)));
      }
    } else {
      unit.weight_shard.copy_(values_of(of_layer, layout.shard, source));
    }
  }
}

void fill_moments(ParameterStore& store, const LayerGraph& graph, const MomentSource& source) {
  for (const ParameterStore::Place& place : store.stored()) {
    UnitBuffers& unit = store.unit(place);
    const UnitLayout& layout = unit.layout;
    const UnitOfLayer of_layer{.graph = graph, .layer = place.layer, .layout = layout};
    unit.first_moment.copy_(values_of(of_layer, layout.shard, source.first));
    unit.second_moment.copy_(values_of(of_layer, layout.shard, source.second));
    unit.updates.fill_(source.updates);
  }
}

}  // namespace galvatron
