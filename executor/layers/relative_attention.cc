#include "executor/layers/relative_attention.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/_softmax.h>
#include <ATen/ops/_softmax_backward_data.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/index_select.h>

#include <limits>
#include <utility>

#include "executor/layers/gradient.h"
#include "executor/layers/held_state.h"

namespace galvatron {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// A pass over the samples, and what all their scores have in common.
struct Pass {
  const RelativeAttention& what;
  AttentionInput rows;
  at::Tensor table;    // [heads held, buckets]; undefined: no bias
  at::Tensor buckets;  // [queries * keys]
  at::Tensor hidden;   // [queries, keys], true for keys after the query; undefined: none
};

std::int64_t tokens_of(const RelativeAttention& what, const at::Tensor& rows) {
  return rows.size(0) / what.shape.samples;
}

Pass pass_over(const RelativeAttention& what, AttentionInput rows) {
  Pass pass{.what = what, .rows = std::move(rows), .table = {}, .buckets = {}, .hidden = {}};
  const std::int64_t queries = tokens_of(what, pass.rows.query);
  const std::int64_t keys = tokens_of(what, pass.rows.key);
  if (what.bias.table.defined()) {
    const std::int64_t heads = pass.rows.query.size(1) / what.shape.head_size;
    pass.table = what.bias.table.detach().narrow(1, what.heads.first, heads).t().contiguous();
    pass.buckets = position_buckets(what.bias.buckets, queries, keys, pass.rows.query.device());
  }
  if (what.shape.causal) {
    const auto places = pass.rows.query.options().dtype(at::kInt);
    pass.hidden = at::arange(keys, places).gt(at::arange(queries, places).unsqueeze(1));
  }
  return pass;
}

// One sample's rows as view [heads, tokens, head size].
at::Tensor heads_of(const RelativeAttention& what, const at::Tensor& rows, std::int64_t sample) {
  const std::int64_t tokens = tokens_of(what, rows);
  return rows.narrow(0, sample * tokens, tokens)
      .view({tokens, -1, what.shape.head_size})
      .transpose(0, 1);
}

// Room for the probabilities of so many samples, [samples, heads held, queries, keys].
at::Tensor room_for(const Pass& pass, std::int64_t samples) {
  const at::Tensor& query = pass.rows.query;
  return at::empty({samples, query.size(1) / pass.what.shape.head_size, tokens_of(pass.what, query),
                    tokens_of(pass.what, pass.rows.key)},
                   query.options());
}

// Writes one sample's probabilities, [heads held, queries, keys].
void fill_probabilities(const Pass& pass, std::int64_t sample, at::Tensor scores) {
  const at::Tensor query = heads_of(pass.what, pass.rows.query, sample);
  const at::Tensor key = heads_of(pass.what, pass.rows.key, sample).transpose(1, 2);
  if (pass.table.defined()) {
    at::Tensor bias = scores.view({scores.size(0), -1});
    at::index_select_out(bias, pass.table, 1, pass.buckets);
    scores.baddbmm_(query, key);
  } else {
    at::bmm_out(scores, query, key);
  }
  if (pass.what.shape.mask.defined()) scores.add_(pass.what.shape.mask.select(0, sample));
  if (pass.hidden.defined()) {
    scores.masked_fill_(pass.hidden, -std::numeric_limits<double>::infinity());
  }
  at::_softmax_out(scores, scores, -1, /*half_to_float=*/false);
}

bool drops(const RelativeAttention& what) { return what.dropout.dropped > 0; }

bool keeps_probabilities(const RelativeAttention& what) {
  return what.recompute != Recompute::selective;
}

// [heads held, queries, keys] of one sample, in place.
void drop_pairs(const RelativeAttention& what, std::int64_t sample, const at::Tensor& values) {
  const std::int64_t head = (what.first_sample + sample) * what.heads.of + what.heads.first;
  drop(what.dropout, head * values.size(1) * values.size(2), values);
}

// What the values are weighed with: the probabilities, some of them dropped.
at::Tensor weights_of(const RelativeAttention& what, std::int64_t sample,
                      const at::Tensor& probabilities) {
  if (!drops(what)) return probabilities;
  const at::Tensor weights = probabilities.clone();
  drop_pairs(what, sample, weights);
  return weights;
}

// `change`: of one sample's scores.
void add_bias_gradient(const Pass& pass, const at::Tensor& change) {
  if (!pass.table.defined()) return;
  const at::Tensor gradient =
      preset_gradient(pass.what.bias.table).narrow(1, pass.what.heads.first, change.size(0));
  gradient.index_add_(0, pass.buckets,
                      change.view({change.size(0), -1}).t().to(gradient.scalar_type()));
}

// Writes one sample's gradients of query, key and value.
void fill_gradients(const Pass& pass, std::int64_t sample, const at::Tensor& probabilities,
                    const at::Tensor& output_gradient, const variable_list& results) {
  const auto by_head = [&](const at::Tensor& rows) { return heads_of(pass.what, rows, sample); };
  const at::Tensor gradient = by_head(output_gradient);
  by_head(results[2])
      .copy_(weights_of(pass.what, sample, probabilities).transpose(1, 2).bmm(gradient));
  at::Tensor change = gradient.bmm(by_head(pass.rows.value).transpose(1, 2));
  if (drops(pass.what)) drop_pairs(pass.what, sample, change);
  at::_softmax_backward_data_out(change, change, probabilities, -1, change.scalar_type());
  by_head(results[0]).copy_(change.bmm(by_head(pass.rows.key)));
  by_head(results[1]).copy_(change.transpose(1, 2).bmm(by_head(pass.rows.query)));
  add_bias_gradient(pass, change);
}

class RelativeAttentionFunction : public torch::autograd::Function<RelativeAttentionFunction> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& query,
                            const at::Tensor& key, const at::Tensor& value,
                            RelativeAttention what) {
    const Pass pass = pass_over(what, {query, key, value});
    const std::int64_t samples = what.shape.samples;
    const at::Tensor room = room_for(pass, keeps_probabilities(what) ? samples : 1);
    const at::Tensor output = at::empty_like(query);
    for (std::int64_t sample = 0; sample < samples; ++sample) {
      const at::Tensor probabilities = room.select(0, sample % room.size(0));
      fill_probabilities(pass, sample, probabilities);
      heads_of(what, output, sample)
          .copy_(weights_of(what, sample, probabilities).bmm(heads_of(what, value, sample)));
    }
    context->save_for_backward(keeps_probabilities(what) ? variable_list{query, key, value, room}
                                                         : variable_list{query, key, value});
    hold(context, std::move(what));
    return output;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto what = take_held<RelativeAttention>(context);
    const variable_list kept = context->get_saved_variables();
    const Pass pass = pass_over(what, {kept[0], kept[1], kept[2]});
    const at::Tensor room = keeps_probabilities(what) ? kept[3] : room_for(pass, 1);
    variable_list results{
        at::empty_like(kept[0]), at::empty_like(kept[1]), at::empty_like(kept[2]), {}};
    for (std::int64_t sample = 0; sample < what.shape.samples; ++sample) {
      const at::Tensor probabilities = room.select(0, sample % room.size(0));
      if (!keeps_probabilities(what)) fill_probabilities(pass, sample, probabilities);
      fill_gradients(pass, sample, probabilities, gradients.at(0), results);
    }
    return results;
  }
};

}  // namespace

at::Tensor relative_attention(const RelativeAttention& what, const AttentionInput& input) {
  return RelativeAttentionFunction::apply(input.query, input.key, input.value, what);
}

}  // namespace galvatron
