// How a layer's activations lie over its tensor group, and the collectives that this implies.
#pragma once

#include <ATen/core/Tensor.h>

#include "executor/communication/communicator.h"
#include "executor/layers/block.h"

namespace galvatron {

struct TensorAxis {
  Communicator* group = nullptr;  // outlives backward
  bool splits_tokens = false;     // sequence parallelism: each rank holds 1/t of the rows
};

TensorAxis tensor_axis(const BlockContext& context);

// [rows held, ...] -> [rows, ...]: gathered where the axis splits tokens, else `held` itself.
at::Tensor gather_rows(const TensorAxis& axis, const at::Tensor& held);

// [rows, ...], different on each rank -> the sum's [rows held, ...]. May reuse `partial`.
at::Tensor reduce_rows(const TensorAxis& axis, const at::Tensor& partial);

}  // namespace galvatron
