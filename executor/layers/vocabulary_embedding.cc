#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/where.h>

#include "executor/layers/embedding.h"
#include "executor/layers/gradient.h"
#include "executor/layers/held_state.h"
#include "executor/layers/vocabulary_shard.h"

namespace galvatron {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct LookupState {
  TensorAxis axis;
  VocabularyTable table;
};

VocabularyShard shard_of(const LookupState& state) {
  return vocabulary_shard(state.axis, state.table.shard.size(0), state.table.vocabulary);
}

// What stays zero here another rank of the group fills in.
at::Tensor look_up(const LookupState& state, const at::Tensor& ids) {
  const at::Tensor table = state.table.shard.detach();
  if (state.axis.group->size() == 1) return table.index_select(0, ids);
  const ShardRows rows = shard_rows(shard_of(state), ids);
  return table.index_select(0, rows.row).mul_(rows.inside.unsqueeze(1));
}

// On a GPU: the host would have to wait for how many rows are inside. Those outside become zero and
// are spread over the table, since rows of one place are added up one after another.
void add_masked_rows(const at::Tensor& sum, const ShardRows& rows, const at::Tensor& gradient) {
  const at::Tensor anywhere =
      at::arange(rows.row.size(0), rows.row.options()).remainder_(sum.size(0));
  add_rows(sum, at::where(rows.inside, rows.row, anywhere), gradient.mul(rows.inside.unsqueeze(1)));
}

void add_table_gradient(const LookupState& state, const at::Tensor& ids,
                        const at::Tensor& gradient) {
  const at::Tensor sum = preset_gradient(state.table.shard);
  const std::int64_t padding = state.table.padding_token;
  if (state.axis.group->size() == 1 && padding < 0) {
    add_rows(sum, ids, gradient);
    return;
  }
  const ShardRows rows = shard_rows(shard_of(state), ids);
  if (padding >= 0) rows.inside.logical_and_(ids.ne(padding));
  if (sum.is_cuda()) return add_masked_rows(sum, rows, gradient);
  const at::Tensor chosen = rows.inside.nonzero().squeeze(1);
  add_rows(sum, rows.row.index_select(0, chosen), gradient.index_select(0, chosen));
}

class VocabularyEmbedding : public torch::autograd::Function<VocabularyEmbedding> {
 public:
  // The table is an argument of its own for autograd to see it.
  static at::Tensor forward(AutogradContext* context, const at::Tensor& ids, const at::Tensor&,
                            LookupState state) {
    const at::Tensor result = reduce_rows(state.axis, look_up(state, ids));
    context->save_for_backward({ids});
    hold(context, std::move(state));
    return result;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto state = take_held<LookupState>(context);
    add_table_gradient(state, context->get_saved_variables().at(0),
                       gather_rows(state.axis, gradients.at(0)));
    return {{}, {}, {}};
  }
};

}  // namespace

at::Tensor vocabulary_embedding(const TensorAxis& axis, const VocabularyTable& table,
                                const at::Tensor& ids) {
  check_tokens(ids, table.vocabulary, "token id");
  return VocabularyEmbedding::apply(ids, table.shard, LookupState{axis, table});
}

}  // namespace galvatron
