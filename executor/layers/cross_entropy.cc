#include "executor/layers/cross_entropy.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/stack.h>

#include <limits>

#include "executor/kernels/token_softmax.h"
#include "executor/layers/held_state.h"
#include "executor/layers/vocabulary_shard.h"

namespace galvatron {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct LossState {
  VocabularyShard shard;
  double normalizer = 1;
  at::ScalarType logits_type = at::kFloat;
};

// logits -> logits - max over the vocabulary, in place.
void shift_by_largest(const TensorAxis& axis, const VocabularyShard& shard,
                      const at::Tensor& logits) {
  logits.narrow(1, shard.tokens, logits.size(1) - shard.tokens)
      .fill_(-std::numeric_limits<float>::infinity());
  const at::Tensor largest = logits.amax(1);
  axis.group->all_reduce(largest, ReduceOp::max);
  logits.sub_(largest.unsqueeze(1));
}

// Shifted logits -> probabilities, in place. Returns each token's loss, [T].
at::Tensor softmax_and_loss(const TensorAxis& axis, const ShardRows& target,
                            const at::Tensor& logits) {
  // Per token the sum of exponentials and the target's shifted logit: one all-reduce for both.
  const at::Tensor sums = at::empty({2, logits.size(0)}, logits.options());
  sums.select(0, 1).copy_(
      logits.gather(1, target.row.unsqueeze(1)).squeeze(1).masked_fill_(~target.inside, 0));
  sums.select(0, 0).copy_(logits.exp_().sum(1));
  axis.group->all_reduce(sums);
  logits.div_(sums.select(0, 0).unsqueeze(1));
  return sums.select(0, 0).log().sub_(sums.select(0, 1));
}

class CrossEntropy : public torch::autograd::Function<CrossEntropy> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& logits, TensorAxis axis,
                            Targets targets) {
    const LossState state{.shard = vocabulary_shard(axis, logits.size(1), targets.vocabulary),
                          .normalizer = targets.normalizer,
                          .logits_type = logits.scalar_type()};
    const at::Tensor probabilities = logits.detach().to(at::kFloat);
    shift_by_largest(axis, state.shard, probabilities);
    const at::Tensor loss =
        softmax_and_loss(axis, shard_rows(state.shard, targets.tokens), probabilities);
    context->save_for_backward({probabilities, targets.tokens});
    hold(context, state);
    return loss.masked_fill_(targets.tokens.eq(kIgnored), 0).sum().div_(targets.normalizer);
  }

  // d loss / d logit = probability - [column is the target's], over the normalizer.
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto state = take_held<LossState>(context);
    const variable_list kept = context->get_saved_variables();
    const at::Tensor& gradient = kept.at(0);  // probabilities until here
    const ShardRows target = shard_rows(state.shard, kept.at(1));
    gradient.scatter_add_(1, target.row.unsqueeze(1),
                          target.inside.to(at::kFloat).neg_().unsqueeze(1));
    const at::Tensor scale =
        kept.at(1).ne(kIgnored).to(at::kFloat).mul_(gradients.at(0)).div_(state.normalizer);
    gradient.mul_(scale.unsqueeze(1));
    return {gradient.to(state.logits_type), {}, {}};
  }
};

// The same on a GPU, where nothing of the logits' size is made: forward reads them once, backward
// turns them into their gradient.
class CrossEntropyOnGpu : public torch::autograd::Function<CrossEntropyOnGpu> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& logits, TensorAxis axis,
                            Targets targets) {
    const LossState state{.shard = vocabulary_shard(axis, logits.size(1), targets.vocabulary),
                          .normalizer = targets.normalizer};
    const at::Tensor kept = logits.detach();
    const LogitStatistics all =
        over_group(axis, logit_statistics(kept, columns_of(state), targets.tokens));
    context->save_for_backward({kept, targets.tokens, all.largest, all.sum});
    hold(context, state);
    return all.sum.log()
        .add_(all.largest)
        .sub_(all.target)
        .masked_fill_(targets.tokens.eq(kIgnored), 0)
        .sum()
        .div_(targets.normalizer);
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto state = take_held<LossState>(context);
    const variable_list kept = context->get_saved_variables();
    write_logit_gradient(kept.at(0), columns_of(state),
                         {.largest = kept.at(2),
                          .sum = kept.at(3),
                          .targets = kept.at(1),
                          .upstream = gradients.at(0),
                          .normalizer = state.normalizer,
                          .ignored = kIgnored});
    return {kept.at(0), {}, {}};
  }

 private:
  static LogitColumns columns_of(const LossState& state) {
    return {.first = state.shard.first, .tokens = state.shard.tokens};
  }

  static LogitStatistics over_group(const TensorAxis& axis, const LogitStatistics& own) {
    if (axis.group->size() == 1) return own;
    const at::Tensor largest = own.largest.clone();
    axis.group->all_reduce(largest, ReduceOp::max);
    const at::Tensor sums = at::stack({own.sum.mul(own.largest.sub(largest).exp_()), own.target});
    axis.group->all_reduce(sums);
    return {.largest = largest, .sum = sums.select(0, 0), .target = sums.select(0, 1)};
  }
};

}  // namespace

at::Tensor vocabulary_cross_entropy(const TensorAxis& axis, const at::Tensor& logits,
                                    const Targets& targets) {
  check_tokens(targets.tokens, targets.vocabulary, "target");
  return logits.is_cuda() ? CrossEntropyOnGpu::apply(logits, axis, targets)
                          : CrossEntropy::apply(logits, axis, targets);
}

}  // namespace galvatron
