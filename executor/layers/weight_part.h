// One block of a linear weight's outputs, whichever way the weight is stored.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "executor/layers/linear.h"

namespace galvatron {

// Handles to the leaf and the outputs [first, first + outputs) of it.
class WeightPart {
 public:
  // All parts of all weights, in order.
  static std::vector<WeightPart> of(const std::vector<LinearWeight>& weights);

  // This part in pieces, the first with the most outputs that are a multiple of `multiple`, the
  // second with what is left; one piece where either would be empty.
  std::vector<WeightPart> cut_at(std::int64_t multiple) const;

  std::int64_t outputs() const { return outputs_; }
  at::Tensor matrix() const;  // view [inputs, outputs]
  at::Tensor bias() const;    // view [outputs], or undefined

  // Adds x^T dy, and the bias's column sums, to the leaves' .grad.
  void add_gradient(const at::Tensor& x, const at::Tensor& output_gradient) const;
  void add_bias_gradient(const at::Tensor& output_gradient) const;

 private:
  at::Tensor slice(const at::Tensor& whole) const;  // of the weight, as [inputs, outputs]

  LinearWeight weight_;
  std::int64_t first_ = 0;
  std::int64_t outputs_ = 0;
};

// The defined weights and biases: what autograd has to know of.
std::vector<at::Tensor> leaves_of(const std::vector<LinearWeight>& weights);

}  // namespace galvatron
