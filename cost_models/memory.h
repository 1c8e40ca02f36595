// Bytes that one device holds for one layer, by what they are for.
#pragma once

#include <vector>

#include "cost_models/layer.h"
#include "cost_models/parameter_units.h"
#include "cost_models/runtime.h"
#include "cost_models/strategy.h"
#include "cost_models/units.h"

namespace galvatron {

// Of one stage, or of one layer (then without context, communicators and reserve).
struct MemoryParts {
  Bytes parameters{};
  Bytes gradients{};
  Bytes optimizer{};
  Bytes activations{};  // saved tensors x micro-batches in flight
  Bytes transient{};    // the largest moment of any layer
  Bytes context{};
  Bytes communicators{};
  Bytes reserve{};

  bool operator==(const MemoryParts&) const = default;
};

template <typename Visit>
constexpr void for_each_field(const MemoryParts& parts, Visit visit) {
  const auto& [parameters, gradients, optimizer, activations, transient, context, communicators,
               reserve] = parts;
  visit("parameters", parameters);
  visit("gradients", gradients);
  visit("optimizer", optimizer);
  visit("activations", activations);
  visit("transient", transient);
  visit("context", context);
  visit("communicators", communicators);
  visit("reserve", reserve);
}

Bytes total(const MemoryParts& parts);

struct LayerMemory {
  Bytes parameters{};
  Bytes gradients{};
  Bytes optimizer{};
  Bytes saved{};      // one micro-batch
  Bytes transient{};  // gather and gradient buffers, recomputed tensors, largest moment
  Bytes freed{};      // saved tensors that this moment no longer holds; taken off the transient
  // Beside the saved tensors of the layers before, behind the last micro-batch: the others' are
  // gone.
  Bytes ending{};

  bool operator==(const LayerMemory&) const = default;
};

// `group_tokens`: tokens of one micro-batch in one tensor group. A tied table that another layer of
// the same stage already holds is left out when `stores_tied_tables` says so.
struct LayerPlacement {
  Strategy strategy{};
  std::int64_t group_tokens = 0;
  Precision precision = Precision::fp32;
  enum class TiedTables { stored, held_elsewhere } tied_tables = TiedTables::stored;
  StateBytes states = state_bytes(precision);
  AttentionKernel attention = AttentionKernel::fused;
  int shard_ranks = strategy.data;
  int stages = 1;
  std::optional<RuntimeLaws> laws{};
};

// What is gathered ahead while a layer computes, by pass.
struct GatheredAhead {
  Bytes forward{};
  Bytes backward{};
};

LayerMemory layer_memory(const Layer& layer, const LayerPlacement& placement,
                         const GatheredAhead& ahead = {});

// What lives at one moment: new tensors less the saved ones that it frees.
struct MomentBytes {
  Bytes net{};
  Bytes freed{};
};

// What a layer's tensors take, whatever ZeRO does.
struct ActivationMemory {
  Bytes saved{};
  Bytes input{};           // of these, what the layer is given; its gradient is as large
  Bytes dropped{};         // what recomputation saves; with laws only
  MomentBytes forward{};   // the largest moment of each pass; without laws only
  MomentBytes backward{};  // what recomputation brings back included
};

ActivationMemory activation_memory(const Layer& layer, const LayerPlacement& placement);

// The parts that strategies have in common: units under the tensor degree, and tensors.
struct LayerMemoryParts {
  const std::vector<ParameterUnit>& units;
  const ActivationMemory& activations;
};
LayerMemory layer_memory(const Layer& layer, const LayerPlacement& placement,
                         const LayerMemoryParts& parts, const GatheredAhead& ahead);

}  // namespace galvatron
