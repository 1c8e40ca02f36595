#include "executor/layers/weight_part.h"

#include "executor/layers/gradient.h"

namespace galvatron {

std::vector<WeightPart> WeightPart::of(const std::vector<LinearWeight>& weights) {
  std::vector<WeightPart> parts;
  for (const LinearWeight& weight : weights) {
    const int dimension = weight.layout == LinearWeight::Layout::outputs_first ? 0 : 1;
    WeightPart part;
    part.weight_ = weight;
    part.outputs_ = weight.weight.size(dimension) / weight.parts;
    for (int i = 0; i < weight.parts; ++i) {
      part.first_ = i * part.outputs_;
      parts.push_back(part);
    }
  }
  return parts;
}

std::vector<WeightPart> WeightPart::cut_at(std::int64_t multiple) const {
  WeightPart whole = *this;
  WeightPart rest = *this;
  rest.outputs_ = outputs_ % multiple;
  whole.outputs_ = outputs_ - rest.outputs_;
  rest.first_ = first_ + whole.outputs_;
  if (whole.outputs_ == 0 || rest.outputs_ == 0) return {*this};
  return {whole, rest};
}

at::Tensor WeightPart::slice(const at::Tensor& whole) const {
  if (weight_.layout == LinearWeight::Layout::inputs_first) {
    return whole.narrow(1, first_, outputs_);
  }
  return whole.narrow(0, first_, outputs_).t();
}

at::Tensor WeightPart::matrix() const { return slice(weight_.weight.detach()); }

at::Tensor WeightPart::bias() const {
  return weight_.bias.defined() ? weight_.bias.detach().narrow(0, first_, outputs_) : at::Tensor();
}

void WeightPart::add_gradient(const at::Tensor& x, const at::Tensor& output_gradient) const {
  add_product(slice(preset_gradient(weight_.weight)), x.t(), output_gradient);
}

void WeightPart::add_bias_gradient(const at::Tensor& output_gradient) const {
  if (!weight_.bias.defined()) return;
  add_row_sum(preset_gradient(weight_.bias).narrow(0, first_, outputs_), output_gradient);
}

std::vector<at::Tensor> leaves_of(const std::vector<LinearWeight>& weights) {
  std::vector<at::Tensor> leaves;
  for (const LinearWeight& weight : weights) {
    leaves.push_back(weight.weight);
    if (weight.bias.defined()) leaves.push_back(weight.bias);
  }
  return leaves;
}

}  // namespace galvatron
