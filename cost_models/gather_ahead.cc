#include "cost_models/gather_ahead.h"

#include <algorithm>

#include "cost_models/overlap.h"

namespace galvatron {
namespace {

constexpr double kLeastGain = 0.1;  // less is noise of a measurement, or not worth a layer's room

}  // namespace

bool gains_by_overlap(const Hardware& hardware, const Runtime& runtime) {
  const Slowdowns beside = slowdowns_beside(hardware.overlap, CollectiveKind::all_gather);
  return runtime.gradient_sync == Traffic::overlapped &&
         1 / beside.compute + 1 / beside.traffic > 1 + kLeastGain;
}

bool may_gather_ahead(const Layer& layer) {
  return layer.kind == LayerKind::block &&
         std::none_of(layer.parameters.begin(), layer.parameters.end(), [](const Parameter& one) {
           return !one.tied_table.empty() && !one.everywhere;
         });
}

Bytes gathered_bytes(const std::vector<ParameterUnit>& units, const Strategy& strategy,
                     Precision precision) {
  Bytes bytes;
  for (const ParameterUnit& unit : units) {
    if (sharding(unit, strategy) != Zero::parameters) continue;
    bytes += Bytes{unit_elements(unit, strategy) * element_bytes(precision)};
  }
  return bytes;
}

bool is_gathered_ahead(const Neighbour& next, const Neighbour& computing) {
  const auto is_gathered = [](const Neighbour& one) {
    return one.strategy.zero == Zero::parameters && may_gather_ahead(one.layer);
  };
  const auto size = [](const Neighbour& one) {
    return gathered_bytes(parameter_units(one.layer, one.strategy.tensor), one.strategy,
                          Precision::fp32);
  };
  return is_gathered(next) && is_gathered(computing) &&
         layout_of(next.strategy) == layout_of(computing.strategy) && size(next) <= size(computing);
}

}  // namespace galvatron
