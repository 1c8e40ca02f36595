#include "cost_models/published_memory.h"

#include <cmath>

namespace galvatron {
namespace {

constexpr double kStateCopies =
    4;  // weight, gradient, two moments: as large as the parameters each

Bytes bytes_of(double mib) { return {std::llround(mib * static_cast<double>(kMiB.value))}; }

Bytes whole_mib(double mib) { return std::llround(std::ceil(mib)) * kMiB; }

// The states in equal copies; the rest of the rounded sum are activations.
MemoryParts parts_of(double states_mib, Bytes sum) {
  const Bytes copy = bytes_of(states_mib / kStateCopies);
  return {
      .parameters = copy, .gradients = copy, .optimizer = 2 * copy, .activations = sum - 4 * copy};
}

double states_mib(const PublishedLayer& layer, const Strategy& strategy,
                  const PublishedSetting& setting) {
  const double held =
      strategy.zero == Zero::parameters ? 1.0 / strategy.data + setting.costs.gathered_share : 1.0;
  return kStateCopies * layer.parameters_mib / strategy.tensor * held;
}

}  // namespace

double published_layer_mib(const PublishedLayer& layer, const Strategy& strategy,
                           const PublishedSetting& setting) {
  return states_mib(layer, strategy, setting) +
         layer.activation_mib.at(strategy.tensor) * samples_per_rank(strategy, setting);
}

double published_other_mib(int devices, const PublishedSetting& setting) {
  return setting.model.other_states_mib +
         setting.model.other_activation_mib * static_cast<double>(setting.global_batch) / devices +
         setting.costs.context_mib;
}

MemoryParts published_layer_memory(const PublishedLayer& layer, const Strategy& strategy,
                                   const PublishedSetting& setting) {
  return parts_of(states_mib(layer, strategy, setting),
                  whole_mib(published_layer_mib(layer, strategy, setting)));
}

MemoryParts published_other_memory(const PublishedSetting& setting) {
  const int devices = kPublishedDevices / setting.pipeline;
  const Bytes context = bytes_of(setting.costs.context_mib);
  MemoryParts parts = parts_of(setting.model.other_states_mib,
                               whole_mib(published_other_mib(devices, setting)) - context);
  parts.context = context;
  return parts;
}

OtherMemory published_other_memory_place(const PublishedModel& model) {
  return model.layers.size() == 1 ? OtherMemory::on_every_stage : OtherMemory::on_first_stage;
}

}  // namespace galvatron
