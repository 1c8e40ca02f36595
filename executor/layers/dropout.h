// Dropout whose mask is a function of where an element stands in the global batch.
//
// The mask is drawn again in backward and never stored; every rank that holds an element draws the
// same, whatever the strategy.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string_view>

#include "executor/layers/block.h"
#include "executor/random/random_stream.h"

namespace galvatron {

struct DropoutSite {
  RandomStream stream;
  double dropped = 0;          // probability; 0 does nothing
  std::int64_t first_row = 0;  // of the tensor, in the global batch
};

// `name` tells the dropouts of one layer apart.
DropoutSite dropout_site(const BlockContext& context, std::string_view name, double dropped);

// Zeroes or scales the elements of `rows`, [rows held, hidden], in place. Keeps nothing.
at::Tensor dropout(const DropoutSite& site, const at::Tensor& rows);

}  // namespace galvatron
