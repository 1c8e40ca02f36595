#include <fmt/format.h>

#include <stdexcept>

#include "executor/layers/families.h"

namespace galvatron {
namespace {

void refuse_attention_dropout(const char* key, double probability) {
  if (probability == 0) return;
  throw std::invalid_argument(
      fmt::format("{} is {}: attention dropout is not executed, expected 0 (--no-dropout turns all "
                  "dropout off)",
                  key, probability));
}

struct BlocksOf {
  Dropout dropout;

  BlockTable operator()(Gpt2Config config) const {
    if (dropout == Dropout::none) {
      config.embedding_dropout = 0;
      config.residual_dropout = 0;
      config.attention_dropout = 0;
    }
    refuse_attention_dropout("attn_pdrop", config.attention_dropout);
    return gpt2_blocks(config);
  }
  BlockTable operator()(const LlamaConfig& config) const { return llama_blocks(config); }
  BlockTable operator()(const BertConfig& config) const { return bert_blocks(as_run(config)); }
  BlockTable operator()(const VitConfig& config) const { return vit_blocks(as_run(config)); }
  BlockTable operator()(T5Config config) const {
    if (dropout == Dropout::none) config.dropout = 0;
    return t5_blocks(config);
  }
  BlockTable operator()(SwinConfig config) const {
    if (dropout == Dropout::none) {
      config.hidden_dropout = 0;
      config.attention_dropout = 0;
      config.path_dropout = 0;
    }
    return swin_blocks(config);
  }
  BlockTable operator()(const UserModel&) const { return {}; }

 private:
  // Of BERT and ViT, which name their dropouts alike.
  template <typename Config>
  Config as_run(Config config) const {
    if (dropout == Dropout::none) {
      config.hidden_dropout = 0;
      config.attention_dropout = 0;
    }
    refuse_attention_dropout("attention_probs_dropout_prob", config.attention_dropout);
    return config;
  }
};

}  // namespace

BlockTable blocks_of(const Model& model, Dropout dropout) {
  return std::visit(BlocksOf{dropout}, model.config);
}

}  // namespace galvatron
