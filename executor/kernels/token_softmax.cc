#include "executor/kernels/token_softmax.h"

#include <ATen/ops/empty.h>

#include "executor/kernels/kernel_tensor.h"
#include "executor/kernels/token_softmax_launch.h"

namespace galvatron {
namespace {

LogitShape shape_of(const at::Tensor& logits, const LogitColumns& columns) {
  if (!logits.is_cuda() || logits.dim() != 2 || logits.stride(1) != 1) {
    throw std::invalid_argument("a kernel takes logits as contiguous rows on a GPU");
  }
  return {.rows = logits.size(0),
          .columns = logits.size(1),
          .stride = logits.stride(0),
          .first_token = columns.first,
          .tokens = columns.tokens};
}

}  // namespace

LogitStatistics logit_statistics(const at::Tensor& logits, const LogitColumns& columns,
                                 const at::Tensor& targets) {
  const LogitShape shape = shape_of(logits, columns);
  check_tensor(targets, "targets", at::kLong, shape.rows);
  const LaunchScope scope(logits);
  const auto numbers = logits.options().dtype(at::kFloat);
  const LogitStatistics result{.largest = at::empty({shape.rows}, numbers),
                               .sum = at::empty({shape.rows}, numbers),
                               .target = at::empty({shape.rows}, numbers)};
  launch_by_type(logits, [&]<typename T>(T) {
    return launch_statistics<T>(elements_of<T>(logits), shape,
                                {.targets = elements_of<std::int64_t>(targets),
                                 .largest = elements_of<float>(result.largest),
                                 .sum = elements_of<float>(result.sum),
                                 .target = elements_of<float>(result.target)},
                                scope.stream());
  });
  return result;
}

void write_logit_gradient(const at::Tensor& logits, const LogitColumns& columns,
                          const LogitGradient& what) {
  const LogitShape shape = shape_of(logits, columns);
  check_tensor(what.targets, "targets", at::kLong, shape.rows);
  check_tensor(what.largest, "largest logits", at::kFloat, shape.rows);
  check_tensor(what.sum, "sums", at::kFloat, shape.rows);
  check_tensor(what.upstream, "upstream gradient", at::kFloat, 1);
  const LaunchScope scope(logits);
  launch_by_type(logits, [&]<typename T>(T) {
    return launch_gradient<T>(elements_of<T>(logits), shape,
                              {.targets = elements_of<std::int64_t>(what.targets),
                               .largest = elements_of<float>(what.largest),
                               .sum = elements_of<float>(what.sum),
                               .upstream = elements_of<float>(what.upstream),
                               .factor = static_cast<float>(1 / what.normalizer),
                               .ignored = what.ignored},
                              scope.stream());
  });
}

}  // namespace galvatron
