#include "executor/kernels/column_sums.h"

#include <ATen/ops/empty.h>

#include "executor/kernels/column_sums_launch.h"
#include "executor/kernels/kernel_tensor.h"

namespace galvatron {

void add_column_sums(const at::Tensor& rows, const at::Tensor& sums) {
  if (!rows.is_cuda() || rows.dim() != 2 || (rows.size(1) > 1 && rows.stride(1) != 1)) {
    throw std::invalid_argument("a kernel sums the columns of contiguous rows on a GPU");
  }
  check_tensor(sums, "column sums", at::kFloat, rows.size(1));
  if (rows.numel() == 0) return;
  const LaunchScope scope(rows);
  int blocks = 0;
  C10_CUDA_CHECK(column_sum_blocks(rows.size(0), rows.size(1), &blocks));
  const at::Tensor partials = at::empty({blocks, rows.size(1)}, sums.options());
  launch_by_type(rows, [&]<typename T>(T) {
    return launch_column_sums<T>({.rows = elements_of<T>(rows),
                                  .partials = elements_of<float>(partials),
                                  .sums = elements_of<float>(sums),
                                  .count = rows.size(0),
                                  .columns = rows.size(1),
                                  .stride = rows.stride(0),
                                  .blocks = blocks},
                                 scope.stream());
  });
}

}  // namespace galvatron
