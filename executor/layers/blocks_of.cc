#include <fmt/format.h>

#include <stdexcept>

#include "executor/layers/families.h"

namespace galvatron {
namespace {

struct BlocksOf {
  Dropout dropout;

  BlockTable operator()(Gpt2Config config) const {
    if (dropout == Dropout::none) {
      config.embedding_dropout = 0;
      config.residual_dropout = 0;
      config.attention_dropout = 0;
    }
    if (config.attention_dropout > 0) {
      throw std::invalid_argument(
          fmt::format("attn_pdrop is {}: attention dropout is not executed, expected 0 "
                      "(--no-dropout turns all dropout off)",
                      config.attention_dropout));
    }
    return gpt2_blocks(config);
  }
  BlockTable operator()(const LlamaConfig& config) const { return llama_blocks(config); }
  BlockTable operator()(const UserModel&) const { return {}; }
};

}  // namespace

BlockTable blocks_of(const Model& model, Dropout dropout) {
  return std::visit(BlocksOf{dropout}, model.config);
}

}  // namespace galvatron
