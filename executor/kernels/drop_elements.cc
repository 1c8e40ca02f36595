#include "executor/kernels/drop_elements.h"

#include "executor/kernels/drop_elements_launch.h"
#include "executor/kernels/kernel_tensor.h"

namespace galvatron {

void drop_elements(const ElementDraw& draw, const at::Tensor& values) {
  check_like(values, "values", values);
  const LaunchScope scope(values);
  launch_by_type(values, [&]<typename T>(T) {
    return launch_drop<T>(elements_of<T>(values),
                          {.rows = values.size(0), .columns = values.size(1)}, draw,
                          scope.stream());
  });
}

}  // namespace galvatron
