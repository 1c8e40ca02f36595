// ViT's layers. A block keeps and needs what GPT-2's does (gpt2_blocks.cc).
//
//   embedding, kept: the images, channels * height * width fp32 per sample. Forward and backward:
//   output or its gradient held, and its dropped copy held (with dropout).
//   head, kept: input held; of each sample's class token alone, the row, its norm and the
//   probabilities of the classes. Backward: the gradient of the input, held.
#include <utility>

#include "executor/layers/class_tokens.h"
#include "executor/layers/dropout.h"
#include "executor/layers/encoder_parts.h"
#include "executor/layers/families.h"
#include "executor/layers/norm.h"
#include "executor/layers/patch_embedding.h"

namespace galvatron {
namespace {

NormBranch branch_after(const BlockContext& context, const VitConfig& config,
                        const std::string& name, const at::Tensor& input) {
  return norm_branch(layer_norm_named(context, name, config.norm_epsilon), input,
                     context.strategy.recompute);
}

at::Tensor embed(const BlockContext& context, const VitConfig& config, const at::Tensor& images) {
  const PatchWeights weights{.projection = parameter(context, "projection.weight"),
                             .bias = parameter(context, "projection.bias"),
                             .class_token = parameter(context, "cls_token"),
                             .positions = parameter(context, "position_embeddings")};
  const ImageShape shape{
      .channels = config.channels, .height = config.image_height, .width = config.image_width};
  return dropout(dropout_site(context, "embedding", config.hidden_dropout),
                 patch_embedding(images, shape, weights, local_rows(context)));
}

// A function of its own so that its tensors go as soon as it is done: without a graph (full
// recomputation's first forward) nothing else would free them.
at::Tensor attention_branch(const BlockContext& context, const VitConfig& config,
                            const at::Tensor& input) {
  NormBranch branch = branch_after(context, config, "layernorm_before", input);
  Operand heads{
      encoder_attention(context, config.hidden / config.heads, std::move(branch.normalized)), {}};
  return project_and_add(context, {"attention.output.dense", "attention", config.hidden_dropout},
                         std::move(heads), branch.residual);
}

at::Tensor loss(const BlockContext& context, const VitConfig& config, const at::Tensor& input) {
  const ClassTokens tokens = class_tokens(context, input);
  const NormBranch branch = branch_after(context, config, "vit.layernorm", tokens.rows);
  const at::Tensor logits =
      replicated_linear(branch.normalized.value, linear_named(context, "classifier"));
  return class_loss(
      context, tokens, logits,
      {.classes = context.inputs(SampleInput::targets), .normalizer = context.normalizer});
}

}  // namespace

BlockTable vit_blocks(const VitConfig& config) {
  return {
      {"vit_embedding",
       [config](const BlockContext& context, const at::Tensor& images) {
         return embed(context, config, images);
       }},
      {"vit_block",
       [config](const BlockContext& context, const at::Tensor& input) {
         return pre_norm_mlp(context,
                             {config.activation, config.norm_epsilon, config.hidden_dropout},
                             attention_branch(context, config, input));
       }},
      {"vit_head", [config](const BlockContext& context,
                            const at::Tensor& input) { return loss(context, config, input); }},
  };
}

}  // namespace galvatron
