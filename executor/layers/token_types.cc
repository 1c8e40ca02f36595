#include <ATen/ops/index_select.h>
#include <torch/csrc/autograd/custom_function.h>

#include "executor/layers/embedding.h"
#include "executor/layers/gradient.h"

namespace galvatron {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

class AddTokenTypes : public torch::autograd::Function<AddTokenTypes> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& hidden,
                            const at::Tensor& table, const at::Tensor& types) {
    hidden.add_(table.detach().index_select(0, types));
    context->mark_dirty({hidden});
    context->save_for_backward({table, types});
    return hidden;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list kept = context->get_saved_variables();
    const at::Tensor sum = preset_gradient(kept.at(0));
    sum.index_add_(0, kept.at(1), gradients.at(0).to(sum.scalar_type()));
    return {gradients.at(0), {}, {}};
  }
};

}  // namespace

at::Tensor add_token_types(const at::Tensor& hidden, const at::Tensor& table,
                           const at::Tensor& types) {
  return AddTokenTypes::apply(hidden, table, types);
}

}  // namespace galvatron
