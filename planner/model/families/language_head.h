// The final norm, the product with the vocabulary table and the cross-entropy: equal in every
// causal language model but for the norm's parameters.
#pragma once

#include "cost_models/layer.h"

namespace galvatron {

enum class NormKind { layer_norm, rms_norm };

// Fills products, saved tensors, streams, moments and launches of a head whose type, sizes and
// parameters are set.
Layer with_language_head_tables(Layer head, NormKind norm);

// Elements per token of the statistics that a norm keeps: mean and 1/deviation, or the latter only.
constexpr std::int64_t norm_statistics(NormKind norm) {
  return norm == NormKind::layer_norm ? 2 : 1;
}

}  // namespace galvatron
