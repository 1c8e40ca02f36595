#include "executor/parameters/unit_buffers.h"

#include <ATen/ops/zeros.h>

#include <cassert>
#include <utility>

namespace galvatron {
namespace {

at::Tensor fp32_zeros(std::int64_t elements, at::Device device) {
  return at::zeros({elements}, at::TensorOptions(device).dtype(at::kFloat));
}

at::Tensor part(const at::Tensor& buffer, const ElementRange& range) {
  return buffer.narrow(0, range.begin, element_count(range));
}

bool needs_master(const UnitLayout& layout, at::ScalarType compute) {
  return compute != at::kFloat && keeps_whole_weights(layout.zero);
}

// Makes `whole` what backward adds to.
void point_leaves_at(const UnitBuffers& unit, const at::Tensor& whole) {
  for (std::size_t i = 0; i < unit.layout.places.size(); ++i) {
    const ParameterPlace& place = unit.layout.places[i];
    unit.weights.leaves()[i].mutable_grad() =
        whole.defined() ? part(whole, place.elements).view(place.shape) : at::Tensor();
  }
}

// The gradient that backward adds to.
const at::Tensor& whole_gradient(const UnitBuffers& unit) {
  return keeps_whole_gradients(unit.layout.zero) ? unit.gradient : unit.open_gradient;
}

FlatWeights make_weights(const UnitLayout& layout, const at::TensorOptions& compute) {
  FlatWeights weights(layout, compute);
  if (!keeps_whole_weights(layout.zero)) weights.drop();
  return weights;
}

}  // namespace

UnitBuffers make_unit_buffers(UnitLayout layout, const at::TensorOptions& compute,
                              LiveBytes& live_bytes) {
  const std::int64_t shard = element_count(layout.shard);
  std::optional<CategoryScope> scope(std::in_place, live_bytes, MemoryCategory::parameters);
  UnitBuffers unit{.layout = layout, .weights = make_weights(layout, compute)};
  if (!keeps_whole_weights(layout.zero)) unit.weight_shard = fp32_zeros(shard, compute.device());
  scope.emplace(live_bytes, MemoryCategory::gradients);
  unit.gradient =
      fp32_zeros(keeps_whole_gradients(layout.zero) ? layout.elements : shard, compute.device());
  scope.emplace(live_bytes, MemoryCategory::optimizer);
  if (needs_master(layout, c10::typeMetaToScalarType(compute.dtype()))) {
    unit.master = fp32_zeros(shard, compute.device());
  }
  unit.first_moment = fp32_zeros(shard, compute.device());
  unit.second_moment = fp32_zeros(shard, compute.device());
  unit.updates = at::zeros({}, at::kFloat);
  if (keeps_whole_gradients(layout.zero)) point_leaves_at(unit, unit.gradient);
  return unit;
}

at::Tensor updated_weights(const UnitBuffers& unit) {
  if (unit.weight_shard.defined()) return unit.weight_shard;
  if (unit.master.defined()) return unit.master;
  return part(unit.weights.whole(), unit.layout.shard);
}

at::Tensor updated_gradient(const UnitBuffers& unit) {
  return keeps_whole_gradients(unit.layout.zero) ? part(unit.gradient, unit.layout.shard)
                                                 : unit.gradient;
}

void gather_weights(UnitBuffers& unit, Communicator& data_group) {
  unit.weights.restore();
  const at::Tensor whole = unit.weights.whole();
  data_group.all_gather_into(whole, unit.weight_shard.to(whole.scalar_type()));
}

void drop_weights(UnitBuffers& unit) { unit.weights.drop(); }

void open_gradient(UnitBuffers& unit) {
  if (keeps_whole_gradients(unit.layout.zero)) return;
  assert(!unit.open_gradient.defined());
  unit.open_gradient = fp32_zeros(unit.layout.elements, unit.gradient.device());
  point_leaves_at(unit, unit.open_gradient);
}

void reduce_token_local(UnitBuffers& unit, Communicator& tensor_group) {
  tensor_group.all_reduce(part(whole_gradient(unit), unit.layout.token_local));
}

void reduce_gradient(UnitBuffers& unit, Communicator& data_group) {
  switch (unit.layout.zero) {
    case Zero::none:
      data_group.all_reduce(unit.gradient);
      return;
    case Zero::optimizer:
      part(unit.gradient, unit.layout.shard).copy_(data_group.reduce_scatter(unit.gradient));
      return;
    case Zero::gradients:
    case Zero::parameters:
      unit.gradient.add_(data_group.reduce_scatter(unit.open_gradient));
      point_leaves_at(unit, at::Tensor());
      unit.open_gradient.reset();
      return;
  }
}

void reduce_tied(UnitBuffers& unit, Communicator& holders) {
  holders.all_reduce(updated_gradient(unit));
}

void refresh_weights(UnitBuffers& unit) {
  if (unit.master.defined()) part(unit.weights.whole(), unit.layout.shard).copy_(unit.master);
}

void gather_updated(UnitBuffers& unit, Communicator& data_group) {
  const at::Tensor whole = unit.weights.whole();
  // The transport may not read and write the same bytes.
  data_group.all_gather_into(whole, part(whole, unit.layout.shard).clone());
}

}  // namespace galvatron
