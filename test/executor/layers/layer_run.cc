#include "test/executor/layers/layer_run.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/zeros_like.h>

#include "executor/communication/mpi_communicator.h"
#include "executor/layers/tape.h"
#include "planner/model/layer_graph.h"
#include "planner/model/model_file.h"
#include "planner/model/swin_sizes.h"

namespace galvatron {
namespace {

constexpr std::int64_t kClasses = 5;

at::Tensor normal(const std::vector<std::int64_t>& shape, std::uint64_t seed) {
  return at::randn(shape, at::detail::createCPUGenerator(seed));
}

at::Tensor tokens(const LayerCase& layer_case, std::uint64_t seed) {
  return at::randint(layer_case.layer.vocabulary,
                     {layer_case.samples * layer_case.layer.tokens_per_sample},
                     at::detail::createCPUGenerator(seed), at::kLong);
}

std::int64_t image_pixels(const Model& model) {
  const auto pixels = [](const auto& config) {
    return config.channels * config.image_height * config.image_width;
  };
  if (const auto* vit = std::get_if<VitConfig>(&model.config)) return pixels(*vit);
  return pixels(std::get<SwinConfig>(model.config));
}

// What an embedding embeds: ids, or images where it has no vocabulary.
at::Tensor embedded(const LayerCase& layer_case, std::uint64_t seed) {
  if (layer_case.layer.vocabulary > 0) return tokens(layer_case, seed);
  return normal({layer_case.samples, image_pixels(layer_case.model)}, seed);
}

// Numbers below `limit`, one per sample or per token.
at::Tensor numbers(std::int64_t limit, std::int64_t count, std::uint64_t seed) {
  return at::randint(limit, {count}, at::detail::createCPUGenerator(seed), at::kLong);
}

// Parameter `index` as a whole.
at::Tensor whole_parameter(const Layer& layer, std::size_t index) {
  const Parameter& row = layer.parameters[index];
  at::Tensor value = normal(row.shape, 100 + index).mul_(row.shape.size() > 1 ? 0.2 : 0.1);
  return row.initialization.kind == Initialization::Kind::ones ? value.add_(1) : value;
}

// This rank's shard; rows that pad the vocabulary hold a value that must not matter.
at::Tensor shard_of(const Parameter& row, const at::Tensor& whole, const Communicator& group) {
  if (row.split_dimension < 0) return whole.clone();
  const std::int64_t degree = group.size();
  const std::int64_t extent = whole.size(row.split_dimension) / row.parts;
  const std::int64_t share = (extent + degree - 1) / degree;
  std::vector<at::Tensor> pieces;
  for (at::Tensor part : whole.split(extent, row.split_dimension)) {
    if (row.pads) {  // the sizes to add stand from the last dimension to the first
      std::vector<std::int64_t> added(2 * row.shape.size(), 0);
      added.back() = share * degree - extent;
      part = at::constant_pad_nd(part, added, 3.0);
    }
    pieces.push_back(part.narrow(row.split_dimension, group.rank() * share, share));
  }
  return at::cat(pieces, row.split_dimension).contiguous();
}

struct Whole {
  at::Tensor value;
  double largest_padding = 0;
};

// The inverse of shard_of; for token-local parameters and those that lie everywhere the sum over
// the group.
Whole whole_of(const Parameter& row, const at::Tensor& shard, const LayerCase& layer_case,
               Communicator& group) {
  if (row.split_dimension < 0) {
    const at::Tensor sum = shard.clone();
    const bool token_local = layer_case.strategy.sequence_parallel && row.token_local;
    if (token_local || row.everywhere) group.all_reduce(sum);
    return {.value = sum};
  }
  const at::Tensor all = group.all_gather(shard.unsqueeze(0).contiguous());
  std::vector<at::Tensor> parts;
  for (int part = 0; part < row.parts; ++part) {
    for (const at::Tensor& rank : all.unbind(0)) {
      parts.push_back(
          rank.chunk(row.parts, row.split_dimension).at(static_cast<std::size_t>(part)));
    }
  }
  const at::Tensor padded = at::cat(parts, row.split_dimension);
  const std::int64_t extent = row.shape[static_cast<std::size_t>(row.split_dimension)];
  const std::int64_t padding = padded.size(row.split_dimension) - extent;
  return {.value = padded.narrow(row.split_dimension, 0, extent),
          .largest_padding =
              padding == 0
                  ? 0
                  : padded.narrow(row.split_dimension, extent, padding).abs().max().item<double>()};
}

// This rank's rows of a whole [T, hidden] tensor.
// The activation that `made_by` makes.
at::Tensor rows_of(const LayerCase& layer_case, const Layer& made_by, const Communicator& group,
                   std::uint64_t seed) {
  const std::int64_t rows = layer_case.samples * made_by.tokens_per_sample;
  const at::Tensor whole = normal({rows, made_by.hidden}, seed).to(layer_case.type);
  if (!layer_case.strategy.sequence_parallel) return whole;
  const std::int64_t held = rows / group.size();
  return whole.narrow(0, group.rank() * held, held).clone();
}

// The type before this one, which in every family makes what this one takes.
Layer layer_before(const LayerCase& layer_case) {
  const std::vector<Layer> types = layers_of(layer_case.model);
  const auto own = std::find_if(types.begin(), types.end(), [&](const Layer& layer) {
    return layer.type == layer_case.layer.type;
  });
  return own == types.begin() ? *own : *std::prev(own);
}

at::Tensor whole_rows(const at::Tensor& rows, const LayerCase& layer_case, Communicator& group) {
  const bool split = layer_case.strategy.sequence_parallel && rows.defined() && rows.dim() > 1;
  return split ? group.all_gather(rows.contiguous()) : rows;
}

}  // namespace

TestGroup::TestGroup(int tensor)
    : world(make_mpi_communicator({.first = 0, .size = mpi_world_size(), .stride = 1}, ledger)) {
  std::vector<RankGroup> groups;
  for (int first = 0; first < world->size(); first += tensor) {
    groups.push_back({.first = first, .size = tensor, .stride = 1});
  }
  for (std::unique_ptr<Communicator>& part : world->split(groups)) {
    if (part) group = std::move(part);
  }
}

Model tiny_gpt2() {
  return {.name = "tiny gpt2",
          .sequence_length = 12,
          .config = Gpt2Config{.vocabulary = 37,
                               .positions = 16,
                               .hidden = 16,
                               .layers = 2,
                               .heads = 4,
                               .mlp_width = 40,
                               .norm_epsilon = 1e-5,
                               .attention_dropout = 0}};
}

Model tiny_llama() {
  return {.name = "tiny llama",
          .sequence_length = 12,
          .config = LlamaConfig{.vocabulary = 37,
                                .positions = 16,
                                .hidden = 16,
                                .layers = 2,
                                .heads = 8,
                                .key_value_heads = 4,
                                .head_size = 6,
                                .mlp_width = 24,
                                .rope_scaling = RopeScaling{.original_positions = 16}}};
}

Model tiny_bert() {
  return {.name = "tiny bert",
          .sequence_length = 12,
          .config = BertConfig{.vocabulary = 37,
                               .positions = 16,
                               .hidden = 16,
                               .layers = 2,
                               .heads = 4,
                               .mlp_width = 40,
                               .norm_epsilon = 1e-5,
                               .attention_dropout = 0,
                               .padding_token = 5,
                               .tied_embeddings = false,
                               .head = BertHead::pretraining}};
}

Model tiny_t5() {
  return {.name = "tiny t5",
          .sequence_length = 12,
          .config = T5Config{.vocabulary = 37,
                             .target_sequence_length = 8,
                             .hidden = 16,
                             .encoder_layers = 1,
                             .decoder_layers = 1,
                             .heads = 4,
                             .head_size = 6,
                             .mlp_width = 40,
                             .activation = Activation::gelu_tanh,
                             .gated_mlp = true,
                             .position_buckets = 8,
                             .position_distance = 10}};
}

Model tiny_vit() {
  const VitConfig config{.image_height = 13,
                         .image_width = 18,
                         .patch_height = 4,
                         .patch_width = 5,
                         .channels = 2,
                         .classes = kClasses,
                         .hidden = 16,
                         .layers = 2,
                         .heads = 4,
                         .mlp_width = 40,
                         .norm_epsilon = 1e-5,
                         .hidden_dropout = 0.1};
  return {.name = "tiny vit", .sequence_length = token_count(config), .config = config};
}

Model tiny_swin() {
  const SwinConfig config{.image_height = 17,
                          .image_width = 27,
                          .patch_height = 3,
                          .patch_width = 4,
                          .channels = 2,
                          .classes = kClasses,
                          .hidden = 16,
                          .depths = {2, 2},
                          .heads = {4, 4},
                          .window = 3,
                          .mlp_ratio = 2.5,
                          .initializer_range = 0.1,
                          .hidden_dropout = 0.1,
                          .attention_dropout = 0.1,
                          .path_dropout = 0.3};
  return {.name = "tiny swin", .sequence_length = token_count(config), .config = config};
}

std::vector<Layer> layers_of(const Model& model) { return build_layer_graph(model).types; }

at::Tensor layer_targets(const LayerCase& layer_case) {
  const at::Tensor targets = tokens(layer_case, 4);
  targets.narrow(0, 1, 3).fill_(-100);
  return targets;
}

at::Tensor sample_input(const LayerCase& layer_case, SampleInput kind) {
  const std::int64_t samples = layer_case.samples;
  const std::int64_t tokens = samples * layer_case.layer.tokens_per_sample;
  if (has_fixed_length(layer_case.model)) {
    return kind == SampleInput::targets ? numbers(kClasses, samples, 4) : at::Tensor();
  }
  if (kind == SampleInput::targets) return layer_targets(layer_case);
  if (const auto* t5 = std::get_if<T5Config>(&layer_case.model.config)) {
    const std::int64_t length = layer_case.model.sequence_length;
    if (kind == SampleInput::decoder_tokens) {
      return numbers(t5->vocabulary, samples * target_length(*t5, length), 11);
    }
    const at::Tensor hidden = numbers(samples * length, 3, 9);
    return at::ones({samples * length}, at::kLong).index_fill_(0, hidden, 0);
  }
  if (!std::holds_alternative<BertConfig>(layer_case.model.config)) return {};
  switch (kind) {
    case SampleInput::targets:
      return {};
    case SampleInput::token_types:
      return numbers(2, tokens, 8);
    case SampleInput::seen:
      return at::ones({tokens}, at::kLong).index_fill_(0, numbers(tokens, 3, 9), 0);
    case SampleInput::next_sentence:
      return numbers(2, samples, 10);
    case SampleInput::decoder_tokens:
      return {};
  }
  return {};
}

LayerInputs layer_inputs(const LayerCase& layer_case, const Communicator& group) {
  const Layer& layer = layer_case.layer;
  LayerInputs inputs;
  for (std::size_t i = 0; i < layer.parameters.size(); ++i) {
    at::Tensor leaf = shard_of(layer.parameters[i], whole_parameter(layer, i), group);
    leaf = leaf.to(layer_case.device, layer_case.type).requires_grad_(true);
    leaf.mutable_grad() = at::zeros_like(leaf, at::kFloat);
    inputs.parameters.push_back(leaf);
  }
  const bool embeds = layer.kind == LayerKind::embedding;
  inputs.input =
      embeds ? embedded(layer_case, 1) : rows_of(layer_case, layer_before(layer_case), group, 2);
  inputs.output_gradient =
      layer.kind == LayerKind::head ? at::ones({}) : rows_of(layer_case, layer, group, 3);
  inputs.input = inputs.input.to(layer_case.device);
  inputs.output_gradient = inputs.output_gradient.to(layer_case.device);
  return inputs;
}

LayerRun run_layer(const LayerCase& layer_case, TestGroup& test) {
  const Block block = blocks_of(layer_case.model, layer_case.dropout).at(layer_case.layer.type);
  LayerInputs inputs = layer_inputs(layer_case, *test.group);
  const BlockContext context{.layer = layer_case.layer,
                             .strategy = layer_case.strategy,
                             .tensor_group = *test.group,
                             .parameters = inputs.parameters,
                             .number = layer_case.number,
                             .samples = layer_case.samples,
                             .sequence_length = layer_case.layer.tokens_per_sample,
                             .first_sample = 3,
                             .dropout = {.seed = 5, .step = 6, .layer = 7},
                             .inputs =
                                 [&](SampleInput kind) {
                                   const at::Tensor input = sample_input(layer_case, kind);
                                   return input.defined() ? input.to(layer_case.device) : input;
                                 },
                             .normalizer = kNormalizer,
                             .next_sentence_normalizer = kNormalizer};
  LayerRun run;

  test.ledger.clear();
  LiveBytes live_bytes;
  TapedForward forward = run_forward(block, context, std::move(inputs.input));
  run.forward_peak = live_bytes.at_peak().total();
  run.saved = live_bytes.now().total() - Bytes{static_cast<std::int64_t>(forward.output.nbytes())};
  run.output = forward.output.clone();
  forward.output.reset();
  run.forward = test.ledger.entries();

  test.ledger.clear();
  const Bytes before_backward = live_bytes.now().total();
  live_bytes.reset_peak();
  if (layer_case.strategy.recompute == Recompute::full) {
    run_recompute(block, context, forward.tape);
  }
  run.input_gradient = run_backward(std::move(forward.tape), std::move(inputs.output_gradient));
  run.backward_peak = live_bytes.at_peak().total() - before_backward;
  run.backward = test.ledger.entries();

  run.output = whole_rows(run.output, layer_case, *test.group);
  run.input_gradient = whole_rows(run.input_gradient, layer_case, *test.group);
  for (std::size_t i = 0; i < inputs.parameters.size(); ++i) {
    const Whole whole = whole_of(layer_case.layer.parameters[i], inputs.parameters[i].grad(),
                                 layer_case, *test.group);
    run.gradients.push_back(whole.value);
    run.largest_padding_gradient = std::max(run.largest_padding_gradient, whole.largest_padding);
  }
  return run;
}

}  // namespace galvatron
