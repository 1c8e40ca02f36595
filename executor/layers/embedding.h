// Tables of vectors looked up by token or by position.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "executor/layers/tensor_axis.h"

namespace galvatron {

struct VocabularyTable {
  at::Tensor shard;  // [rows of this rank, hidden]
  std::int64_t vocabulary = 0;
  std::int64_t padding_token = -1;  // looked up, but its row gets no gradient from that; -1: none
};

// ids [T] -> [T held, hidden], fresh. Each rank looks up the tokens of its shard, the group sums.
// Keeps the ids. Backward adds rows straight into the shard's .grad.
at::Tensor vocabulary_embedding(const TensorAxis& axis, const VocabularyTable& table,
                                const at::Tensor& ids);

// Row i of `hidden` stands at position (first_row + i) % sequence_length.
struct PositionRows {
  std::int64_t first_row = 0;
  std::int64_t sequence_length = 0;
};

// hidden += positions[position of each row], in place. Keeps nothing.
at::Tensor add_positions(const at::Tensor& hidden, const at::Tensor& positions, PositionRows rows);

// hidden += table[types], in place; types is [rows of hidden] int64. Keeps the types.
at::Tensor add_token_types(const at::Tensor& hidden, const at::Tensor& table,
                           const at::Tensor& types);

}  // namespace galvatron
