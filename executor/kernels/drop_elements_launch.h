#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "executor/kernels/element_draw.h"

namespace galvatron {

struct DropShape {
  std::int64_t rows = 0;
  std::int64_t columns = 0;
};

// For float and __nv_bfloat16.
template <typename T>
cudaError_t launch_drop(T* values, const DropShape& shape, const ElementDraw& draw,
                        cudaStream_t stream);

}  // namespace galvatron
