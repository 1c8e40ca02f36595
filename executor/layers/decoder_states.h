// What passes from the bridge on through T5's decoder: of each sample first the encoder's output,
// then the decoder's states.
//
// A decoder block works on copies of the parts. Its gradient stays in the tensor that it came in:
// the encoder's rows are added to, the states' replaced, in place.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "executor/layers/operand.h"

namespace galvatron {

struct StateSizes {
  std::int64_t samples = 0;
  std::int64_t source = 0;  // rows of the encoder's output, per sample
  std::int64_t target = 0;  // rows of states
};

// [samples * (source + target), hidden] from [samples * source, hidden] and [samples * target,
// hidden]. Keeps nothing.
struct StateParts {
  at::Tensor encoded;
  at::Tensor states;
};
at::Tensor join_parts(const StateSizes& sizes, const StateParts& parts);

// The parts of `both`, which outlives backward: the encoder's output is copied again rather than
// kept. `through` goes to replace_states.
struct SplitStates {
  Operand encoded;
  at::Tensor states;
  at::Tensor through;
};
SplitStates split_states(const StateSizes& sizes, const at::Tensor& both);

// `through` with other states. Keeps nothing.
at::Tensor replace_states(const StateSizes& sizes, const at::Tensor& through,
                          const at::Tensor& states);

// The states alone; the encoder's output ends here, its gradient is zero.
at::Tensor only_states(const StateSizes& sizes, const at::Tensor& both);

}  // namespace galvatron
