#include "executor/layers/class_tokens.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/zeros.h>

#include "cost_models/rounding.h"
#include "executor/layers/cross_entropy.h"
#include "executor/layers/held_state.h"
#include "executor/layers/vocabulary_shard.h"

namespace galvatron {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Every stride-th of the rows held.
struct StridedRows {
  std::int64_t first = 0;
  std::int64_t stride = 1;
  std::int64_t count = 0;
};

at::Tensor chosen(const StridedRows& rows, const at::Tensor& all) {
  if (rows.count == 0) return all.narrow(0, 0, 0);
  return all.slice(0, rows.first, rows.first + (rows.count - 1) * rows.stride + 1, rows.stride);
}

struct ClassRows {
  StridedRows chosen;
  std::int64_t all = 0;
};

class ClassTokensFunction : public torch::autograd::Function<ClassTokensFunction> {
 public:
  static variable_list forward(AutogradContext* context, const at::Tensor& input,
                               const StridedRows& rows) {
    context->set_materialize_grads(false);  // the residual may end here
    hold(context, ClassRows{.chosen = rows, .all = input.size(0)});
    return {chosen(rows, input).clone(), input.view_as(input)};
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto rows = take_held<ClassRows>(context);
    const at::Tensor& own = gradients.at(0);
    const at::Tensor all = gradients.at(1).defined()
                               ? gradients.at(1)
                               : at::zeros({rows.all, own.size(1)}, own.options());
    chosen(rows.chosen, all).add_(own);
    return {all, {}};
  }
};

// Each rank has the loss of its own class tokens; its gradient flows into these only.
class SumOverGroup : public torch::autograd::Function<SumOverGroup> {
 public:
  static at::Tensor forward(AutogradContext*, const at::Tensor& loss, Communicator* group) {
    at::Tensor sum = loss.detach().clone();
    group->all_reduce(sum);
    return sum;
  }

  static variable_list backward(AutogradContext*, const variable_list& gradients) {
    return {gradients.at(0), {}};
  }
};

}  // namespace

ClassTokens class_tokens(const BlockContext& context, const at::Tensor& input) {
  const TokenRange held = local_rows(context);
  const std::int64_t stride = context.sequence_length;
  const std::int64_t first_sample = divide_up(held.begin, stride);
  const std::int64_t end_sample = divide_up(held.end, stride);
  const StridedRows rows{.first = first_sample * stride - held.begin,
                         .stride = stride,
                         .count = end_sample - first_sample};
  const variable_list outputs = ClassTokensFunction::apply(input, rows);
  return {.rows = outputs.at(0),
          .residual = outputs.at(1),
          .samples = at::arange(first_sample, end_sample, input.options().dtype(at::kLong))};
}

at::Tensor class_loss(const BlockContext& context, const ClassTokens& tokens,
                      const at::Tensor& logits, const ClassTargets& targets) {
  check_tokens(targets.classes, logits.size(1), "class");
  const at::Tensor loss =
      at::cross_entropy_loss(logits.to(at::kFloat), targets.classes.index_select(0, tokens.samples),
                             {}, at::Reduction::Sum, kIgnored)
          .div(targets.normalizer);
  const TensorAxis axis = tensor_axis(context);
  return axis.splits_tokens ? SumOverGroup::apply(loss, axis.group) : loss;
}

}  // namespace galvatron
