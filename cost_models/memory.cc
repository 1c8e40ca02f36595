// The moments of a pass include what recomputation brings back. Full recomputation brings back
// every tensor that forward dropped, in a forward beside which the output's gradient waits.
// Selective recomputation makes a tensor, uses it and drops it before the next: a table of moments
// counts it where it matters, and where there is no table the largest is charged.
#include "cost_models/memory.h"

#include <algorithm>

#include "cost_models/layer_transient.h"
#include "cost_models/memory_laws.h"
#include "cost_models/parameter_units.h"
#include "cost_models/rounding.h"

namespace galvatron {
namespace {

Bytes tensor_bytes(const Layer& layer, const LayerTensor& tensor, const LayerPlacement& placement) {
  const Strategy& strategy = placement.strategy;
  const std::int64_t own = tensor.tokens_per_sample;
  std::int64_t tokens = group_tokens_of(layer, placement.group_tokens, own);
  if (tensor.samples_at_once > 0) {
    tokens = std::min(tokens, tensor.samples_at_once * tokens_or_all(layer, own));
  }
  std::int64_t elements = 0;
  switch (tensor.spread) {
    case Spread::whole:
      elements = tokens * tensor.elements_per_token;
      break;
    case Spread::sequence:
      elements = divide_up(tokens, sequence_split(layout_of(strategy))) * tensor.elements_per_token;
      break;
    case Spread::gathered:
      elements = strategy.sequence_parallel ? tokens * tensor.elements_per_token : 0;
      break;
    case Spread::tensor:
      elements = tokens * divide_up(tensor.elements_per_token, strategy.tensor);
      break;
  }
  return Bytes{elements * element_bytes(tensor.element, placement.precision)};
}

// The table of the layer; attention without a fused kernel also keeps the scores of every pair of
// tokens: after softmax, and after dropout together with its mask.
std::vector<SavedTensor> saved_tensors(const Layer& layer, const LayerPlacement& placement) {
  const bool keeps_by_op =
      placement.strategy.recompute == Recompute::op && layer.kind == LayerKind::block;
  if (keeps_by_op) return kept_by_op(layer);
  std::vector<SavedTensor> saved = placement.laws ? saved_by_laws(layer, placement) : layer.saved;
  const std::int64_t width = element_bytes(placement.precision);
  const bool drops = placement.attention == AttentionKernel::unfused_with_dropout;
  for (const Attention& attention : layer.attentions) {
    if (placement.attention == AttentionKernel::fused && !attention.biased) continue;
    const std::int64_t scores = attention.heads * tokens_or_all(layer, attention.keys);
    const std::int64_t queries = attention.windows * tokens_or_all(layer, attention.queries);
    saved.push_back({.tensor = {.name = "attention scores",
                                .elements_per_token = scores * (drops ? 2 * width + 1 : width),
                                .spread = Spread::tensor,
                                .element = Element::byte,
                                .tokens_per_sample = queries}});
  }
  return saved;
}

bool is_kept(const SavedTensor& saved, Recompute recompute) {
  switch (saved.kept) {
    case SavedTensor::Kept::under_none:
      return recompute == Recompute::none || recompute == Recompute::op;
    case SavedTensor::Kept::under_selective:
      return recompute != Recompute::full;
    case SavedTensor::Kept::always:
      return true;
  }
  return true;
}

// Backward products leave the gradients of input and output side by side, forward ones the values.
std::vector<Moment> moments_from_products(const Layer& layer) {
  std::vector<Moment> moments;
  for (const Product& product : layer.products) {
    const bool replicated = product.split == Product::Split::replicated;
    const Spread whole = replicated ? Spread::sequence : Spread::whole;
    const Spread split = replicated ? Spread::sequence : Spread::tensor;
    const bool column = product.split == Product::Split::column;
    moments.push_back({.name = product.name,
                       .live = {{.name = "input",
                                 .elements_per_token = product.inputs,
                                 .spread = column ? whole : split},
                                {.name = "output",
                                 .elements_per_token = product.outputs,
                                 .spread = column ? split : whole}}});
  }
  return moments;
}

// One pass over the layer, and which of its saved tensors forward has kept.
struct Pass {
  const std::vector<Moment>& moments;
  // Not in memory unless this pass brings them back.
  const std::vector<const SavedTensor*>& dropped;
};

// A negative row is a saved tensor that the moment frees: nothing where it is not held.
MomentBytes live_at(const Layer& layer, const Moment& moment, const Pass& pass,
                    const LayerPlacement& placement) {
  MomentBytes live;
  for (const LayerTensor& tensor : moment.live) {
    const bool is_dropped =
        std::any_of(pass.dropped.begin(), pass.dropped.end(),
                    [&](const SavedTensor* saved) { return saved->tensor.name == tensor.name; });
    const bool frees = tensor.elements_per_token < 0;
    if (frees && is_dropped) continue;
    const Bytes bytes = tensor_bytes(layer, tensor, placement);
    live.net += bytes;
    if (frees) live.freed -= bytes;
  }
  return live;
}

MomentBytes largest_moment(const Layer& layer, const Pass& pass, const LayerPlacement& placement) {
  MomentBytes largest;
  for (const Moment& moment : pass.moments) {
    const MomentBytes live = live_at(layer, moment, pass, placement);
    if (live.net > largest.net) largest = live;
  }
  return largest;
}

// What the layer's units take as wholes and as shards, in elements of one device.
struct UnitElements {
  std::int64_t whole = 0;
  std::int64_t stored = 0;  // shards where parameters are sharded, of stored units only
  std::int64_t stored_whole = 0;
  std::int64_t everywhere = 0;  // besides, of tables that are never sharded
};

UnitElements unit_elements(const std::vector<ParameterUnit>& units,
                           const LayerPlacement& placement) {
  UnitElements elements;
  Strategy sharding = placement.strategy;
  sharding.data = placement.shard_ranks;
  for (const ParameterUnit& unit : units) {
    const std::int64_t whole = unit_elements(unit, sharding);
    if (!unit.everywhere) elements.whole += whole;
    const bool is_elsewhere = !unit.tied_table.empty() &&
                              placement.tied_tables == LayerPlacement::TiedTables::held_elsewhere;
    if (is_elsewhere) continue;
    if (unit.everywhere) {
      elements.everywhere += whole;
      continue;
    }
    elements.stored_whole += whole;
    elements.stored += shard_elements(unit, sharding);
  }
  return elements;
}

Bytes kept_bytes(const Layer& layer, const std::vector<SavedTensor>& saved,
                 const LayerPlacement& placement) {
  Bytes sum;
  for (const SavedTensor& tensor : saved) {
    if (!is_kept(tensor, placement.strategy.recompute)) continue;
    sum += tensor_bytes(layer, tensor.tensor, placement);
  }
  return sum;
}

// What recomputation saves of `kept` bytes.
Bytes dropped_bytes(const Layer& layer, Bytes kept, const LayerPlacement& placement) {
  LayerPlacement keeping = placement;
  keeping.strategy.recompute = Recompute::none;
  return kept_bytes(layer, saved_tensors(layer, keeping), keeping) - kept;
}

// What backward is given: nothing, where it begins.
Bytes output_gradient(const Layer& layer, const LayerPlacement& placement) {
  if (layer.kind == LayerKind::head) return {};
  return tensor_bytes(layer, {.elements_per_token = layer.hidden}, placement);
}

Bytes input_bytes(const Layer& layer, const LayerPlacement& placement) {
  const auto input =
      std::find_if(layer.saved.begin(), layer.saved.end(),
                   [](const SavedTensor& saved) { return saved.tensor.name == "input"; });
  return input == layer.saved.end() ? Bytes{} : tensor_bytes(layer, input->tensor, placement);
}

// The largest moments of forward and backward.
void add_moments(ActivationMemory& memory, const Layer& layer,
                 const std::vector<SavedTensor>& all_saved, const LayerPlacement& placement) {
  std::vector<const SavedTensor*> dropped;
  Bytes dropped_bytes;
  Bytes largest_dropped;
  for (const SavedTensor& saved : all_saved) {
    if (is_kept(saved, placement.strategy.recompute)) continue;
    const Bytes bytes = tensor_bytes(layer, saved.tensor, placement);
    dropped.push_back(&saved);
    dropped_bytes += bytes;
    largest_dropped = std::max(largest_dropped, bytes);
  }
  const bool brings_all_back = placement.strategy.recompute == Recompute::full;
  const bool has_moments = !layer.forward_moments.empty() || !layer.backward_moments.empty();
  const std::vector<Moment> generic =
      has_moments ? std::vector<Moment>{} : moments_from_products(layer);
  const std::vector<const SavedTensor*> nothing;
  const Pass forward{.moments = has_moments ? layer.forward_moments : generic, .dropped = dropped};
  const Pass backward{.moments = has_moments ? layer.backward_moments : generic,
                      .dropped = brings_all_back ? nothing : dropped};
  memory.forward = largest_moment(layer, forward, placement);
  memory.backward = largest_moment(layer, backward, placement);
  if (brings_all_back && has_moments) {
    const Pass again{.moments = layer.forward_moments, .dropped = nothing};
    MomentBytes recompute = largest_moment(layer, again, placement);
    recompute.net += output_gradient(layer, placement);
    if (recompute.net > memory.backward.net) memory.backward = recompute;
  }
  memory.backward.net += brings_all_back ? dropped_bytes : has_moments ? Bytes{} : largest_dropped;
  // Full recomputation's tensors are the pass's own: freeing one is no loss of a kept one.
  if (brings_all_back) memory.backward.freed = Bytes{};
}

}  // namespace

Bytes total(const MemoryParts& parts) {
  Bytes sum;
  for_each_field(parts, [&](const char*, Bytes part) { sum += part; });
  return sum;
}

ActivationMemory activation_memory(const Layer& layer, const LayerPlacement& placement) {
  const std::vector<SavedTensor> saved = saved_tensors(layer, placement);
  ActivationMemory memory{.saved = kept_bytes(layer, saved, placement)};
  if (placement.laws) {
    memory.dropped = dropped_bytes(layer, memory.saved, placement);
  } else {
    memory.input = input_bytes(layer, placement);
    add_moments(memory, layer, saved, placement);
  }
  return memory;
}

LayerMemory layer_memory(const Layer& layer, const LayerPlacement& placement,
                         const GatheredAhead& ahead) {
  return layer_memory(layer, placement,
                      {.units = parameter_units(layer, placement.strategy.tensor),
                       .activations = activation_memory(layer, placement)},
                      ahead);
}

LayerMemory layer_memory(const Layer& layer, const LayerPlacement& placement,
                         const LayerMemoryParts& parts, const GatheredAhead& ahead) {
  const StateBytes& states = placement.states;
  const Zero zero = placement.strategy.zero;
  const UnitElements elements = unit_elements(parts.units, placement);

  LayerMemory memory;
  if (zero == Zero::parameters) {
    const bool has_master = states.master > 0;
    memory.parameters = Bytes{elements.stored * (has_master ? states.master : states.weight)};
    memory.optimizer = Bytes{elements.stored * states.moments};
  } else {
    memory.parameters = Bytes{elements.stored_whole * states.weight};
    memory.optimizer = Bytes{elements.stored * (states.master + states.moments)};
  }
  memory.gradients =
      Bytes{(zero >= Zero::gradients ? elements.stored : elements.stored_whole) * states.gradient};
  memory.parameters += Bytes{elements.everywhere * states.weight};
  memory.gradients += Bytes{elements.everywhere * states.gradient};
  memory.optimizer += Bytes{elements.everywhere * (states.master + states.moments)};
  memory.saved = parts.activations.saved;
  if (placement.laws) {
    const ModelledMemory modelled = modelled_memory(
        layer, placement, {.parameters = elements.whole, .dropped = parts.activations.dropped});
    memory.parameters += modelled.gathered;
    memory.gradients += modelled.gradients;
    memory.transient = modelled.transient;
    return memory;
  }
  const MomentBytes live = layer_transient(parts, placement, ahead);
  memory.transient = live.net;
  memory.freed = live.freed;
  memory.ending = layer_ending(parts, placement);
  return memory;
}

}  // namespace galvatron
