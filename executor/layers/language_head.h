// What every causal language model ends with.
#pragma once

#include "executor/layers/block.h"
#include "executor/layers/norm.h"

namespace galvatron {

// The vocabulary table of an embedding or a head: its only padded matrix.
const at::Tensor& vocabulary_table(const BlockContext& context);

// The mean loss of the targets: product with the vocabulary table, cross-entropy.
at::Tensor token_loss(const BlockContext& context, Operand hidden);

// The mean loss of the targets: final norm, product with the vocabulary table, cross-entropy.
at::Tensor language_head(const BlockContext& context, const Norm& norm, const at::Tensor& input);

}  // namespace galvatron
