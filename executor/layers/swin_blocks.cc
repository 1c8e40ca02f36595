// Swin's layers. A block keeps and needs what ViT's does (gpt2_blocks.cc), but for its attention:
// queries, keys and values lie in window order, 3 h/t per token of a window, padding included, and
// the probabilities are kept, a/t per pair of tokens in a window; selective recomputation makes
// these again. q, k and v are made of rows in the order of the grid, which is also how the residual
// stream lies, so that sequence parallelism splits rows as in any family.
//
//   merging, kept: input, and per new token four tokens side by side, 4 h, the norm's output, 4 h,
//   and its statistics. Backward: the gradients of both.
//   head, kept: input, statistics, and per sample the mean token and the probabilities of the
//   classes. Backward: the gradients of the norm's output and input.
#include <ATen/ops/arange.h>
#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "executor/layers/biased_attention.h"
#include "executor/layers/class_tokens.h"
#include "executor/layers/dropout.h"
#include "executor/layers/encoder_parts.h"
#include "executor/layers/families.h"
#include "executor/layers/norm.h"
#include "executor/layers/patch_embedding.h"
#include "executor/layers/patch_merging.h"
#include "executor/layers/windows.h"
#include "planner/model/swin_sizes.h"

namespace galvatron {
namespace {

constexpr double kPatchNormEpsilon = 1e-5;  // of embedding and mergings, whatever the config says

// What all blocks of one depth share.
struct DepthBlocks {
  SwinConfig config;
  SwinDepth depth;
  Windows windows;    // of even blocks
  Windows shifted;    // of odd blocks
  at::Tensor places;  // [area, area] int64: rows of the table of biases

  const Windows& windows_of(int number) const { return number % 2 == 0 ? windows : shifted; }

  void move_to(const at::Device& device) {
    if (places.device() == device) return;
    windows = on_device(windows, device);
    shifted = on_device(shifted, device);
    places = places.to(device);
  }
};

DepthBlocks depth_blocks(const SwinConfig& config, std::size_t number) {
  const SwinDepth depth = swin_depth(config, number);
  WindowGrid grid{.height = depth.grid_height, .width = depth.grid_width, .window = config.window};
  const Windows windows = cut_into_windows(grid);
  grid.shift = window_shift(config, depth);
  return {.config = config,
          .depth = depth,
          .windows = windows,
          .shifted = cut_into_windows(grid),
          .places = relative_positions(config.window)};
}

// Of all blocks of the model the first is never dropped and the last most often.
double path_dropout(const DepthBlocks& blocks, int number) {
  const auto last = static_cast<double>(block_count(blocks.config) - 1);
  if (last == 0) return 0;
  return blocks.config.path_dropout * static_cast<double>(blocks.depth.first_block + number) / last;
}

NormBranch normalized(const BlockContext& context, const std::string& name, double epsilon,
                      const at::Tensor& input) {
  return norm_branch(layer_norm_named(context, name, epsilon), input, context.strategy.recompute);
}

at::Tensor embed(const BlockContext& context, const SwinConfig& config, const at::Tensor& images) {
  const PatchWeights weights{.projection = parameter(context, "projection.weight"),
                             .bias = parameter(context, "projection.bias")};
  const ImageShape shape{.partial = PartialPatches::filled_up,
                         .channels = config.channels,
                         .height = config.image_height,
                         .width = config.image_width};
  const at::Tensor patches = patch_embedding(images, shape, weights, local_rows(context));
  return dropout(
      dropout_site(context, "embedding", config.hidden_dropout),
      normalized(context, "embeddings.norm", kPatchNormEpsilon, patches).normalized.value);
}

// Queries, keys and values by window and head. Padding has what the product makes of zero: the
// bias.
AttentionHeads window_heads(const BlockContext& context, const DepthBlocks& blocks, Operand input) {
  const Windows& windows = blocks.windows_of(context.number);
  const HeadShape shape{.sequences = context.samples * windows.count,
                        .head_size = blocks.depth.hidden / blocks.depth.heads};
  std::vector<at::Tensor> projected = query_key_value(context, std::move(input));
  const auto heads = [&](at::Tensor rows, const std::string& name) {
    return split_heads(shape, to_windows(windows, rows, linear_named(context, name).bias));
  };
  return {.query = heads(std::exchange(projected.at(0), {}), "query"),
          .key = heads(std::exchange(projected.at(1), {}), "key"),
          .value = heads(std::exchange(projected.at(2), {}), "value")};
}

// [rows, hidden / tensor] in the order of the grid.
at::Tensor window_attention(const BlockContext& context, const DepthBlocks& blocks, Operand input) {
  const Windows& windows = blocks.windows_of(context.number);
  const AttentionHeads heads = window_heads(context, blocks, std::move(input));
  const auto type = heads.query.scalar_type();
  const double head_size = static_cast<double>(heads.query.size(3));
  const auto bias = [table = parameter(context, "relative_position_bias_table"),
                     places = blocks.places] { return bias_from_table(table, places); };
  ScoreTerms terms{.scale = 1 / std::sqrt(head_size), .bias = bias(), .bias_again = bias};
  if (windows.regions.defined()) {
    terms.mask = [windows, type] { return region_mask(windows, type); };
  }
  const HeldProbabilities held{.sequences_per_sample = windows.count,
                               .heads = heads.query.size(1),
                               .queries = windows.area,
                               .keys = windows.area};
  const AttentionRun run{
      .recompute = context.strategy.recompute,
      .probabilities = probability_site(context, held, blocks.config.attention_dropout)};
  return from_windows(windows, merge_heads(biased_attention(run, terms, heads)));
}

// A function of its own so that its tensors go as soon as it is done: without a graph (full
// recomputation's first forward) nothing else would free them.
at::Tensor attention_branch(const BlockContext& context, const DepthBlocks& blocks,
                            const at::Tensor& input) {
  NormBranch branch = normalized(context, "layernorm_before", blocks.config.norm_epsilon, input);
  Operand heads{window_attention(context, blocks, std::move(branch.normalized)), {}};
  return project_and_add(context,
                         {.weight = "attention.output.dense",
                          .dropout = "attention",
                          .dropped = blocks.config.attention_dropout,
                          .path_dropped = path_dropout(blocks, context.number)},
                         std::move(heads), branch.residual);
}

at::Tensor block(const BlockContext& context, const DepthBlocks& blocks, const at::Tensor& input) {
  const SwinConfig& config = blocks.config;
  return pre_norm_mlp(context, {config.activation, config.norm_epsilon, config.hidden_dropout},
                      attention_branch(context, blocks, input));
}

at::Tensor merge(const BlockContext& context, const TokenGrid& grid, const at::Tensor& input) {
  const NormBranch branch =
      normalized(context, "downsample.norm", kPatchNormEpsilon, merge_neighbours(grid, input));
  return replicated_linear(branch.normalized.value, linear_named(context, "reduction"));
}

// [samples, hidden]: of each sample the mean of its tokens, after the last norm.
at::Tensor mean_tokens(const BlockContext& context, const SwinConfig& config,
                       const at::Tensor& input) {
  return normalized(context, "swin.layernorm", config.norm_epsilon, input)
      .normalized.value.view({context.samples, context.sequence_length, -1})
      .mean(1);
}

at::Tensor loss(const BlockContext& context, const SwinConfig& config, const at::Tensor& input) {
  const at::Tensor logits =
      replicated_linear(mean_tokens(context, config, input), linear_named(context, "classifier"));
  return class_loss(
      context, {.samples = at::arange(context.samples, input.options().dtype(at::kLong))}, logits,
      {.classes = context.inputs(SampleInput::targets), .normalizer = context.normalizer});
}

}  // namespace

BlockTable swin_blocks(const SwinConfig& config) {
  BlockTable table{{"swin_embedding",
                    [config](const BlockContext& context, const at::Tensor& images) {
                      return embed(context, config, images);
                    }},
                   {"swin_head", [config](const BlockContext& context, const at::Tensor& input) {
                      return loss(context, config, input);
                    }}};
  for (std::size_t number = 0; number < config.depths.size(); ++number) {
    DepthBlocks blocks = depth_blocks(config, number);
    const TokenGrid grid{.height = blocks.depth.grid_height, .width = blocks.depth.grid_width};
    // Moves its tables to where the first input lies.
    table[fmt::format("swin_block_{}", number)] = [blocks](const BlockContext& context,
                                                           const at::Tensor& input) mutable {
      blocks.move_to(input.device());
      return block(context, blocks, input);
    };
    if (number + 1 == config.depths.size()) break;
    table[fmt::format("swin_merging_{}", number)] = [grid](const BlockContext& context,
                                                           const at::Tensor& input) {
      return merge(context, grid, input);
    };
  }
  return table;
}

}  // namespace galvatron
