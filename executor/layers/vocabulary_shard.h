// Which rows of a vocabulary table one rank of the tensor group holds.
//
// The table is split into equal shards; the last ones may hold rows past the vocabulary's end,
// which stand for no token.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string_view>

#include "executor/layers/tensor_axis.h"

namespace galvatron {

struct VocabularyShard {
  std::int64_t first = 0;   // token of row 0
  std::int64_t tokens = 0;  // rows that stand for a token
};

VocabularyShard vocabulary_shard(const TensorAxis& axis, std::int64_t rows,
                                 std::int64_t vocabulary);

// Where tokens lie in a shard; `row` is 0 where they lie in another.
struct ShardRows {
  at::Tensor row;     // [T] int64
  at::Tensor inside;  // [T] bool
};

ShardRows shard_rows(const VocabularyShard& shard, const at::Tensor& tokens);

// Throws std::out_of_range, naming `what`, unless all of `tokens` are below `vocabulary`. Does not
// look at tokens on a GPU, since the host would have to wait for them: of these the data set's own
// check is the only one.
void check_tokens(const at::Tensor& tokens, std::int64_t vocabulary, std::string_view what);

}  // namespace galvatron
