#include "executor/layers/biased_attention.h"

#include <ATen/ops/_softmax.h>
#include <ATen/ops/_softmax_backward_data.h>
#include <ATen/ops/baddbmm.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/empty.h>

#include <utility>
#include <vector>

#include "executor/layers/gradient.h"
#include "executor/layers/held_state.h"

namespace galvatron {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// [sequences, heads, m, n] -> view [sequences * heads, m, n], what a batched product takes.
at::Tensor batched(const at::Tensor& heads) { return heads.flatten(0, 1); }

// factor left right, of every head.
at::Tensor product(const at::Tensor& left, const at::Tensor& right, double factor) {
  const at::Tensor ignored = at::empty({1, 1, 1}, left.options());
  return at::baddbmm(ignored, left, right, /*beta=*/0, factor);
}

// [sequences, heads, queries, keys]
at::Tensor probabilities_of(const AttentionHeads& heads, const at::Tensor& bias,
                            const ScoreTerms& terms) {
  const at::Tensor flat =
      product(batched(heads.query), batched(heads.key).transpose(1, 2), terms.scale);
  at::Tensor scores = flat.unflatten(0, {heads.query.size(0), heads.query.size(1)});
  if (bias.defined()) scores.add_(bias);
  if (terms.mask) {
    const at::Tensor mask = terms.mask();
    scores.unflatten(0, {-1, mask.size(0)}).add_(mask);
  }
  return at::_softmax_out(scores, scores, -1, /*half_to_float=*/false);
}

// `values` itself where none of them are dropped.
at::Tensor dropped(const DropoutSite& site, const at::Tensor& values) {
  if (site.stream.dropped == 0) return values;
  at::Tensor copy = values.clone();
  drop(site, copy.flatten(1));
  return copy;
}

struct BiasedState {
  AttentionRun run;
  ScoreTerms terms;  // without the bias
  bool has_bias = false;
};

// Saved variables: query, key, value, and the probabilities unless they are computed again.
class BiasedAttention : public torch::autograd::Function<BiasedAttention> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& query,
                            const at::Tensor& key, const at::Tensor& value, at::TensorList biases,
                            BiasedState state) {
    const at::Tensor bias = biases.empty() ? at::Tensor() : biases.front();
    const at::Tensor probabilities = probabilities_of({query, key, value}, bias, state.terms);
    at::Tensor output =
        at::bmm(batched(dropped(state.run.probabilities, probabilities)), batched(value))
            .view_as(query);
    const bool again = state.run.recompute == Recompute::selective;
    context->save_for_backward({query, key, value, again ? at::Tensor() : probabilities});
    hold(context, std::move(state));
    return output;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto state = take_held<BiasedState>(context);
    const variable_list kept = context->get_saved_variables();
    const AttentionHeads heads{kept[0], kept[1], kept[2]};
    const at::Tensor probabilities =
        kept[3].defined() ? kept[3] : probabilities_of(heads, bias_of(state), state.terms);
    const at::Tensor output = batched(gradients.at(0).contiguous());
    const at::Tensor value =
        at::bmm(batched(dropped(state.run.probabilities, probabilities)).transpose(1, 2), output);
    const at::Tensor scores = score_gradient(state.run.probabilities, probabilities,
                                             at::bmm(output, batched(heads.value).transpose(1, 2)));
    const at::Tensor flat = batched(scores);
    variable_list result{
        product(flat, batched(heads.key), state.terms.scale).view_as(heads.query),
        product(flat.transpose(1, 2), batched(heads.query), state.terms.scale).view_as(heads.key),
        value.view_as(heads.value)};
    if (state.has_bias) result.push_back(scores.sum(0, /*keepdim=*/true));
    result.emplace_back();  // the state has none
    return result;
  }

 private:
  static at::Tensor bias_of(const BiasedState& state) {
    return state.has_bias ? state.terms.bias_again() : at::Tensor();
  }

  // Of the softmax and the dropout behind it; in place of `gradient`.
  static at::Tensor score_gradient(const DropoutSite& site, const at::Tensor& probabilities,
                                   const at::Tensor& gradient) {
    at::Tensor scores = gradient.view_as(probabilities);
    drop(site, scores.flatten(1));
    return at::_softmax_backward_data_out(scores, scores, probabilities, -1,
                                          probabilities.scalar_type());
  }
};

class BiasFromTable : public torch::autograd::Function<BiasFromTable> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& table,
                            const at::Tensor& index) {
    context->save_for_backward({table, index});
    return table.index_select(0, index.flatten())
        .t()
        .contiguous()
        .view({1, table.size(1), index.size(0), index.size(1)});
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list kept = context->get_saved_variables();
    const at::Tensor sum = preset_gradient(kept[0]);
    const at::Tensor own = gradients.at(0).flatten(2).squeeze(0).t().to(sum.scalar_type());
    sum.index_add_(0, kept[1].flatten(), own);
    return {{}, {}};  // the table has its gradient already
  }
};

}  // namespace

at::Tensor biased_attention(const AttentionRun& run, const ScoreTerms& terms,
                            const AttentionHeads& heads) {
  std::vector<at::Tensor> biases;
  if (terms.bias.defined()) biases.push_back(terms.bias);
  return BiasedAttention::apply(
      heads.query, heads.key, heads.value, at::TensorList(biases),
      BiasedState{
          .run = run,
          .terms = {.scale = terms.scale, .bias_again = terms.bias_again, .mask = terms.mask},
          .has_bias = terms.bias.defined()});
}

at::Tensor split_heads(const HeadShape& shape, const at::Tensor& rows) {
  return rows.view({shape.sequences, rows.size(0) / shape.sequences, -1, shape.head_size})
      .transpose(1, 2)
      .contiguous();
}

at::Tensor merge_heads(const at::Tensor& heads) {
  return heads.transpose(1, 2).reshape({heads.size(0) * heads.size(2), -1});
}

at::Tensor bias_from_table(const at::Tensor& table, const at::Tensor& index) {
  return BiasFromTable::apply(table, index);
}

}  // namespace galvatron
