#include "executor/run/layer_pass.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/ones.h>

#include <algorithm>

#include "planner/plan/placement.h"

namespace galvatron {
namespace {

at::Tensor tensor_of(const std::vector<std::int64_t>& values) {
  at::Tensor tensor = at::empty({static_cast<std::int64_t>(values.size())}, at::kLong);
  std::copy(values.begin(), values.end(), tensor.mutable_data_ptr<std::int64_t>());
  return tensor;
}

at::Tensor tensor_of(const std::vector<float>& values) {
  at::Tensor tensor = at::empty({static_cast<std::int64_t>(values.size())}, at::kFloat);
  std::copy(values.begin(), values.end(), tensor.mutable_data_ptr<float>());
  return tensor;
}

// The samples' values of one kind, one sample after another; undefined where they have none.
template <typename T>
at::Tensor read_values(const StepInput& input, const SampleRange& samples,
                       std::vector<T> Sample::*field) {
  std::vector<T> values;
  for (std::int64_t number = samples.begin; number < samples.end; ++number) {
    const Sample sample = input.sample(number);
    const std::vector<T>& own = sample.*field;
    values.insert(values.end(), own.begin(), own.end());
  }
  return values.empty() ? at::Tensor() : tensor_of(values);
}

// Where the layers compute. The caller does not wait for a GPU to have it.
at::Tensor brought_to(at::Device device, const at::Tensor& values) {
  if (device.is_cpu() || !values.defined()) return values;
  return values.pin_memory().to(device, /*non_blocking=*/true);
}

// Undefined where all tokens are seen: attention without a mask is another, faster kernel.
at::Tensor unless_all_seen(const at::Tensor& seen) {
  return seen.defined() && seen.eq(0).any().item<bool>() ? seen : at::Tensor();
}

at::Tensor read_input(const StepInput& input, const SampleRange& samples, SampleInput kind) {
  switch (kind) {
    case SampleInput::targets:
      return read_values(input, samples, &Sample::targets);
    case SampleInput::token_types:
      return read_values(input, samples, &Sample::token_types);
    case SampleInput::seen:
      return unless_all_seen(read_values(input, samples, &Sample::seen));
    case SampleInput::next_sentence:
      return read_values(input, samples, &Sample::next_sentence);
    case SampleInput::decoder_tokens:
      return read_values(input, samples, &Sample::decoder_tokens);
  }
  return {};
}

// What the embedding takes: token ids, or images where it has no vocabulary.
at::Tensor read_embedded(const StepInput& input, const BlockContext& context) {
  const SampleRange samples{.begin = context.first_sample,
                            .end = context.first_sample + context.samples};
  if (context.layer.vocabulary > 0) return read_values(input, samples, &Sample::tokens);
  return read_values(input, samples, &Sample::pixels).view({context.samples, -1});
}

}  // namespace

BlockContext LayerPasses::context_of(const Op& op, const StepInput& input) const {
  const Layer& layer = layer_of(op);
  const LayerOnRank where{.layer = op.layer, .rank = rank_of(stage_)};
  const SampleRange samples = samples_of(stage_.plan, where, op.micro_batch);
  return {.layer = layer,
          .strategy = strategy_of(stage_.plan, op.layer),
          .tensor_group = stage_.groups.at(global_tensor_group(stage_.plan, where)),
          .parameters = stage_.store.leaves(op.layer),
          .number = stage_.graph.graph[static_cast<std::size_t>(op.layer)].number,
          .samples = samples.end - samples.begin,
          .sequence_length = layer.tokens_per_sample,
          .first_sample = samples.begin,
          .dropout = {.seed = input.seed, .step = input.step, .layer = op.layer},
          .inputs =
              [&input, samples, device = stage_.device](SampleInput kind) {
                return brought_to(device, read_input(input, samples, kind));
              },
          .normalizer = input.targets,
          .next_sentence_normalizer = input.next_sentence_targets};
}

at::Tensor LayerPasses::forward(const Op& op, const StepInput& input, at::Tensor activation) {
  const KeptScope kept(stage_.live_bytes);
  const BlockContext context = context_of(op, input);
  if (layer_of(op).kind == LayerKind::embedding) {
    activation = brought_to(stage_.device, read_embedded(input, context));
  }
  TapedForward result = run_forward(block_of(op), context, std::move(activation));
  in_flight_[{op.layer, op.micro_batch}] = std::move(result.tape);
  return std::move(result.output);
}

void LayerPasses::recompute(const Op& op, const StepInput& input) {
  run_recompute(block_of(op), context_of(op, input), in_flight_.at({op.layer, op.micro_batch}));
}

at::Tensor LayerPasses::backward(const Op& op, at::Tensor gradient) {
  for (const ParameterStore::Place& place : stage_.store.units_of(op.layer)) {
    open_gradient(stage_.store.unit(place));
  }
  if (layer_of(op).kind == LayerKind::head) {
    gradient = at::ones({}, at::TensorOptions(stage_.device).dtype(at::kFloat));
  }
  const auto layer = in_flight_.extract({op.layer, op.micro_batch});
  return run_backward(std::move(layer.mapped()), std::move(gradient));
}

}  // namespace galvatron
