// The two passes over a rank's logits that a cross-entropy needs: their statistics, read once, and
// their gradient, in place. Logits are [tokens, columns], fp32 or bf16, their rows contiguous and
// any distance apart; the last columns may stand for no token. The arithmetic is fp32.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace galvatron {

// What the columns of a rank stand for.
struct LogitColumns {
  std::int64_t first = 0;   // token of column 0
  std::int64_t tokens = 0;  // columns that stand for a token
};

// Each [tokens] fp32. A rank without columns has minus infinity, 0 and 0.
struct LogitStatistics {
  at::Tensor largest;
  at::Tensor sum;     // of exp(logit - largest)
  at::Tensor target;  // the target's logit; 0 where it lies in no column of this rank
};

// targets is [tokens] int64. Source of the single pass: Milakov & Gimelshein, "Online normalizer
// calculation for softmax", 2018.
LogitStatistics logit_statistics(const at::Tensor& logits, const LogitColumns& columns,
                                 const at::Tensor& targets);

struct LogitGradient {
  at::Tensor largest;  // of all ranks
  at::Tensor sum;      // of all ranks
  at::Tensor targets;
  at::Tensor upstream;  // fp32 scalar on the GPU
  double normalizer = 1;
  std::int64_t ignored = 0;  // the target of rows without a gradient
};

// logits -> (exp(logit - largest) / sum - [column is the target's]) upstream / normalizer.
void write_logit_gradient(const at::Tensor& logits, const LogitColumns& columns,
                          const LogitGradient& what);

}  // namespace galvatron
