// The kernels of a program that is built without CUDA. No tensor lies on a GPU there, so that only
// a mistake gets here.
#include <fmt/format.h>

#include <stdexcept>
#include <string_view>

#include "executor/kernels/column_sums.h"
#include "executor/kernels/device.h"
#include "executor/kernels/drop_elements.h"
#include "executor/kernels/fused_activation.h"
#include "executor/kernels/fused_adamw.h"
#include "executor/kernels/fused_norm.h"
#include "executor/kernels/rotate_heads.h"
#include "executor/kernels/token_softmax.h"

namespace galvatron {
namespace {

[[noreturn]] void refuse(std::string_view kernel) {
  throw std::logic_error(
      fmt::format("{} is for CUDA tensors, and this program is built without CUDA", kernel));
}

}  // namespace

int compute_capability(const at::Tensor&) { refuse("compute_capability"); }

std::string gpu_name(at::Device) { refuse("gpu_name"); }

int gpu_multiprocessors(at::Device) { refuse("gpu_multiprocessors"); }

void add_column_sums(const at::Tensor&, const at::Tensor&) { refuse("add_column_sums"); }

void drop_elements(const ElementDraw&, const at::Tensor&) { refuse("drop_elements"); }

at::Tensor fused_activation(Activation, const at::Tensor&) { refuse("fused_activation"); }

at::Tensor fused_activation_backward(Activation, const at::Tensor&, const at::Tensor&) {
  refuse("fused_activation_backward");
}

at::Tensor fused_gate(Activation, const at::Tensor&, const at::Tensor&) { refuse("fused_gate"); }

GateInput fused_gate_backward(Activation, const GateInput&, const at::Tensor&) {
  refuse("fused_gate_backward");
}

void fused_adamw(const AdamWShard&, const AdamWStep&) { refuse("fused_adamw"); }

NormedRows fused_norm(const NormWeights&, const at::Tensor&) { refuse("fused_norm"); }

at::Tensor fused_norm_backward(const NormWeights&, const NormBackward&, const NormGradients&) {
  refuse("fused_norm_backward");
}

at::Tensor rotate_heads(const HeadRotation&, const at::Tensor&) { refuse("rotate_heads"); }

LogitStatistics logit_statistics(const at::Tensor&, const LogitColumns&, const at::Tensor&) {
  refuse("logit_statistics");
}

void write_logit_gradient(const at::Tensor&, const LogitColumns&, const LogitGradient&) {
  refuse("write_logit_gradient");
}

}  // namespace galvatron
