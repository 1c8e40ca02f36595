// Dropout whose mask is a function of where an element stands in the global batch.
//
// The mask is drawn again in backward and never stored; every rank that holds an element draws the
// same, whatever the strategy.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string_view>

#include "executor/layers/block.h"
#include "executor/layers/operand.h"
#include "executor/random/random_stream.h"

namespace galvatron {

struct DropoutStream {
  RandomStream stream;
  double dropped = 0;  // probability; 0 does nothing
};

// Zeroes or scales `values` in place: elements `first`, first + 1, ... of the stream.
void drop(const DropoutStream& what, std::int64_t first, const at::Tensor& values);

struct DropoutSite {
  DropoutStream stream;
  std::int64_t first_row = 0;     // of the tensor, in the global batch
  std::int64_t first_column = 0;  // of the tensor, where the tensor axis splits columns
  std::int64_t columns = 0;       // of all ranks; 0: the tensor's own
};

// `name` tells the dropouts of one layer apart. The rows are the layer's tokens, or so many of each
// sample.
DropoutSite dropout_site(const BlockContext& context, std::string_view name, double dropped);
DropoutSite dropout_site(const BlockContext& context, std::string_view name, double dropped,
                         std::int64_t tokens_per_sample);

// Of `rows`, [rows held, columns held], in place. Keeps nothing.
at::Tensor dropout(const DropoutSite& site, const at::Tensor& rows);

// The same for what a product multiplies.
Operand dropout(const DropoutSite& site, Operand rows);

// The probabilities of attention that a rank holds: [sequences, heads, queries, keys].
struct HeldProbabilities {
  std::int64_t sequences_per_sample = 1;
  std::int64_t heads = 0;  // of this rank
  std::int64_t queries = 0;
  std::int64_t keys = 0;
};

// Of them as rows, one per sequence.
DropoutSite probability_site(const BlockContext& context, const HeldProbabilities& held,
                             double dropped);

// Of `rows` as dropout does it, without a gradient.
void drop(const DropoutSite& site, const at::Tensor& rows);

// Zeroes or scales all rows of a sample at once, in place: whether a residual branch counts for it.
// Keeps one number per sample.
// Source: Huang et al., "Deep Networks with Stochastic Depth", 2016.
at::Tensor drop_path(const BlockContext& context, double dropped, const at::Tensor& rows);

}  // namespace galvatron
