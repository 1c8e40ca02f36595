#include "executor/run/layer_pass.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/ones.h>

#include <algorithm>

#include "planner/plan/placement.h"

namespace galvatron {
namespace {

// [samples * sequence length] int64: this rank's rows of the micro-batch, one after another.
at::Tensor ids_of(const StepInput& input, const SampleRange& samples,
                  std::vector<std::int64_t> Sample::*field) {
  std::vector<std::int64_t> ids;
  for (std::int64_t number = samples.begin; number < samples.end; ++number) {
    const Sample sample = input.sample(number);
    const std::vector<std::int64_t>& row = sample.*field;
    ids.insert(ids.end(), row.begin(), row.end());
  }
  at::Tensor tensor = at::empty({static_cast<std::int64_t>(ids.size())}, at::kLong);
  std::copy(ids.begin(), ids.end(), tensor.mutable_data_ptr<std::int64_t>());
  return tensor;
}

}  // namespace

BlockContext LayerPasses::context_of(const Op& op, const StepInput& input,
                                     const at::Tensor& targets) const {
  const Layer& layer = layer_of(op);
  const LayerOnRank where{.layer = op.layer, .rank = rank_of(stage_)};
  const SampleRange samples = samples_of(stage_.plan, where, op.micro_batch);
  return {.layer = layer,
          .strategy = strategy_of(stage_.plan, op.layer),
          .tensor_group = stage_.groups.at(global_tensor_group(stage_.plan, where)),
          .parameters = stage_.store.leaves(op.layer),
          .samples = samples.end - samples.begin,
          .sequence_length = layer.tokens_per_sample,
          .first_sample = samples.begin,
          .dropout = {.seed = input.seed, .step = input.step, .layer = op.layer},
          .targets = targets,
          .normalizer = input.targets};
}

at::Tensor LayerPasses::forward(const Op& op, const StepInput& input, at::Tensor activation) {
  const KeptScope kept(stage_.live_bytes);
  const SampleRange samples =
      samples_of(stage_.plan, {.layer = op.layer, .rank = rank_of(stage_)}, op.micro_batch);
  InFlight& layer = in_flight_[{op.layer, op.micro_batch}];
  if (layer_of(op).kind == LayerKind::embedding) {
    activation = ids_of(input, samples, &Sample::tokens);
  } else if (layer_of(op).kind == LayerKind::head) {
    layer.targets = ids_of(input, samples, &Sample::targets);
  }
  TapedForward result =
      run_forward(block_of(op), context_of(op, input, layer.targets), std::move(activation));
  layer.tape = std::move(result.tape);
  return std::move(result.output);
}

void LayerPasses::recompute(const Op& op, const StepInput& input) {
  InFlight& layer = in_flight(op);
  run_recompute(block_of(op), context_of(op, input, layer.targets), layer.tape);
}

at::Tensor LayerPasses::backward(const Op& op, at::Tensor gradient) {
  for (const ParameterStore::Place& place : stage_.store.units_of(op.layer)) {
    open_gradient(stage_.store.unit(place));
  }
  if (layer_of(op).kind == LayerKind::head) gradient = at::ones({}, at::kFloat);
  const auto layer = in_flight_.extract({op.layer, op.micro_batch});
  return run_backward(std::move(layer.mapped().tape), std::move(gradient));
}

}  // namespace galvatron
