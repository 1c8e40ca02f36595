#include "cost_models/memory_laws.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "cost_models/layer_collectives.h"
#include "cost_models/rounding.h"

namespace galvatron {
namespace {

// Width of the MLP, from the kernel between its products.
std::int64_t mlp_width(const Layer& layer) {
  for (const Stream& stream : layer.streams) {
    const double elements = stream.forward_elements_per_token;
    if (stream.work == StreamWork::gated) return static_cast<std::int64_t>(elements / 3);
    if (stream.work == StreamWork::activation) return static_cast<std::int64_t>(elements / 2);
  }
  return 0;
}

SavedTensor kept_row(LayerTensor tensor, SavedTensor::Kept kept) {
  return {.tensor = std::move(tensor), .kept = kept};
}

// Elements of the widest products of one input, on one tensor rank.
std::int64_t widest_weight(const Layer& layer, int tensor) {
  std::int64_t widest = 0;
  std::int64_t group = 0;
  for (std::size_t i = 0; i < layer.products.size(); ++i) {
    const Product& product = layer.products[i];
    if (product.split == Product::Split::replicated) continue;
    if (!joins_previous_input(layer.products, i)) group = 0;
    group += product.inputs * product.outputs / tensor;
    widest = std::max(widest, group);
  }
  return widest;
}

Bytes rounded(double bytes) { return Bytes{std::llround(bytes)}; }

}  // namespace

std::vector<SavedTensor> kept_by_op(const Layer& layer) {
  std::vector<SavedTensor> saved{kept_row({.name = "inputs of attention and MLP",
                                           .elements_per_token = 2 * layer.hidden,
                                           .spread = Spread::sequence},
                                          SavedTensor::Kept::always)};
  std::int64_t made = mlp_width(layer);
  std::int64_t heads = 0;
  for (const Attention& attention : layer.attentions) {
    made += (2 * attention.heads + attention.key_value_heads) * attention.head_size;
    heads += attention.heads;
  }
  saved.push_back(kept_row({.name = "products and attention output",
                            .elements_per_token = made,
                            .spread = Spread::tensor},
                           SavedTensor::Kept::always));
  saved.push_back(kept_row({.name = "log-sum-exp",
                            .elements_per_token = heads,
                            .spread = Spread::tensor,
                            .element = Element::fp32},
                           SavedTensor::Kept::always));
  return saved;
}

std::vector<SavedTensor> saved_by_laws(const Layer& layer, const LayerPlacement& placement) {
  std::vector<SavedTensor> saved = layer.saved;
  const KernelLaws& kernels = placement.laws->kernels;
  if (kernels.selective == SelectiveRecompute::attention_core) {
    for (SavedTensor& row : saved) {
      if (row.kept == SavedTensor::Kept::under_none) row.kept = SavedTensor::Kept::under_selective;
    }
  }
  // What a head keeps per logit is in the law of the loss.
  if (layer.kind == LayerKind::head) {
    std::erase_if(saved, [&](const SavedTensor& row) {
      return row.tensor.elements_per_token == layer.vocabulary;
    });
  }
  if (layer.kind != LayerKind::block) return saved;
  if (placement.attention == AttentionKernel::unfused_with_dropout) {
    saved.push_back(kept_row({.name = "dropout masks",
                              .elements_per_token = 2 * layer.hidden,
                              .spread = Spread::sequence,
                              .element = Element::byte},
                             SavedTensor::Kept::under_selective));
  }
  return saved;
}

ModelledMemory modelled_memory(const Layer& layer, const LayerPlacement& placement,
                               const HeldByLayer& held) {
  const MemoryLaws& laws = placement.laws->memory;
  const bool shards_parameters = placement.strategy.zero == Zero::parameters;
  const auto width = static_cast<double>(element_bytes(placement.precision));
  const auto whole = static_cast<double>(held.parameters);
  const auto tokens = static_cast<double>(placement.group_tokens);
  const int tensor = placement.strategy.tensor;
  ModelledMemory memory;
  const bool scatters = tensor > 1 && placement.strategy.sequence_parallel;
  const double wide = laws.wide_bytes + (scatters ? laws.unscattered_bytes : 0);
  double transient = wide * tokens * static_cast<double>(layer.hidden);
  if (layer.kind == LayerKind::block) {
    transient += laws.widest_weight_bytes * static_cast<double>(widest_weight(layer, tensor)) +
                 laws.recomputed_share * static_cast<double>(held.dropped.value);
  }
  if (layer.kind == LayerKind::head) {
    const double logits = tokens * static_cast<double>(divide_up(layer.vocabulary, tensor));
    const double left = laws.head_weight_bytes * whole + laws.head_logit_bytes * logits;
    transient = std::max(0.0, transient + laws.loss_bytes_per_logit * logits - left);
    memory.gradients = rounded(left);
  }
  if (shards_parameters && placement.laws->traffic.keeps_gathered && placement.stages > 1) {
    memory.gathered = rounded(width * whole);
    memory.gradients += Bytes{held.parameters * placement.states.gradient};
  } else if (shards_parameters && layer.kind == LayerKind::block) {
    transient += laws.gathered_layers * width * whole;
  } else if (shards_parameters && laws.gathered_layers > 0) {
    memory.gathered = rounded(width * whole);  // tables stay
  }
  memory.transient = rounded(transient);
  return memory;
}

std::int64_t transfer_buffers(const MemoryLaws& laws, std::int64_t micro_batches) {
  return laws.transfers == TransferBuffers::one ? 1 : 2 * micro_batches;
}

}  // namespace galvatron
