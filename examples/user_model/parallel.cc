// A GPT whose blocks have a gated MLP, composed from the library's layers: single.cc trains it in
// one process, parallel.cc under any plan. docs/user_model.md explains both.
#include <fmt/format.h>

#include "executor/layers/activation.h"
#include "executor/layers/attention.h"
#include "executor/layers/embedding.h"
#include "executor/layers/language_head.h"
#include "executor/layers/linear.h"
#include "executor/train/rank_program.h"
#include "executor/train/train.h"
#include "planner/plan/plan_yaml.h"

namespace {

using namespace galvatron;

constexpr std::int64_t kVocabulary = 256;
constexpr std::int64_t kHeadSize = 16;

LinearWeight linear(const BlockContext& context, const std::string& name, int parts = 1) {
  return {.weight = parameter(context, name), .bias = {}, .parts = parts};
}

NormBranch normalized(const BlockContext& context, const std::string& norm, const at::Tensor& x) {
  return norm_branch(layer_norm_named(context, norm, 1e-5), x, context.strategy.recompute);
}

at::Tensor embed(const BlockContext& context, const at::Tensor& ids) {
  const at::Tensor words =
      vocabulary_embedding(tensor_axis(context), {vocabulary_table(context), kVocabulary}, ids);
  return add_positions(words, parameter(context, "positions.weight"),
                       {local_rows(context).begin, context.sequence_length});
}

Operand attention_heads(const BlockContext& context, Operand input) {
  const std::vector<at::Tensor> projected =
      column_linear(tensor_axis(context), std::move(input), {linear(context, "qkv.weight", 3)});
  return {attention({.samples = context.samples, .head_size = kHeadSize},
                    {.query = projected[0], .key = projected[1], .value = projected[2]}),
          {}};
}

Operand gated_mlp(const BlockContext& context, Operand input) {
  const std::vector<at::Tensor> projected =
      column_linear(tensor_axis(context), std::move(input),
                    {linear(context, "gate.weight"), linear(context, "up.weight")});
  return activate_gated(Activation::silu, {projected[0], projected[1]}, context.strategy.recompute);
}

at::Tensor block(const BlockContext& context, const at::Tensor& input) {
  NormBranch first = normalized(context, "norm_1", input);
  const at::Tensor middle =
      row_linear(tensor_axis(context), attention_heads(context, std::move(first.normalized)),
                 linear(context, "projection.weight"))
          .add_(first.residual);
  NormBranch second = normalized(context, "norm_2", middle);
  return row_linear(tensor_axis(context), gated_mlp(context, std::move(second.normalized)),
                    linear(context, "down.weight"))
      .add_(second.residual);
}

at::Tensor loss(const BlockContext& context, const at::Tensor& input) {
  return language_head(context, layer_norm_named(context, "final_norm", 1e-5), input);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    fmt::print(stderr, "usage: {} PLAN.yaml DATA LOG.jsonl\n", argv[0]);
    return 2;
  }
  return run_as_rank([&](Communicator& world, Whereabouts& here) {
    const Plan plan = read_plan(argv[1]);
    train(world, plan, {{"words", embed}, {"gated_block", block}, {"words_head", loss}},
          {.data = argv[2], .steps = 20, .log = argv[3], .whereabouts = &here});
  });
}
