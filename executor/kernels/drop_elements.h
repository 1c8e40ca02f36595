// Dropout in place, of the same elements as executor/random draws on the CPU.
#pragma once

#include <ATen/core/Tensor.h>

#include "executor/kernels/element_draw.h"

namespace galvatron {

// values is [rows, columns], fp32 or bf16, contiguous.
void drop_elements(const ElementDraw& draw, const at::Tensor& values);

}  // namespace galvatron
