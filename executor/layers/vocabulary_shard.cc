#include "executor/layers/vocabulary_shard.h"

#include <ATen/TensorOperators.h>
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace galvatron {

VocabularyShard vocabulary_shard(const TensorAxis& axis, std::int64_t rows,
                                 std::int64_t vocabulary) {
  const std::int64_t first = axis.group->rank() * rows;
  return {.first = first, .tokens = std::clamp(vocabulary - first, std::int64_t{0}, rows)};
}

ShardRows shard_rows(const VocabularyShard& shard, const at::Tensor& tokens) {
  const at::Tensor row = tokens.sub(shard.first);
  const at::Tensor inside = row.ge(0).logical_and_(row.lt(shard.tokens));
  return {.row = row.mul(inside), .inside = inside};
}

void check_tokens(const at::Tensor& tokens, std::int64_t vocabulary, std::string_view what) {
  if (tokens.is_cuda()) return;
  const auto largest = tokens.max().item<std::int64_t>();
  if (largest < vocabulary) return;
  throw std::out_of_range(
      fmt::format("{} {} is outside the vocabulary of {} tokens", what, largest, vocabulary));
}

}  // namespace galvatron
