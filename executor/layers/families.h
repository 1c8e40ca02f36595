// The blocks of one family each; blocks_of chooses among them.
#pragma once

#include "executor/layers/block.h"

namespace galvatron {

BlockTable gpt2_blocks(const Gpt2Config& config);
BlockTable llama_blocks(const LlamaConfig& config);
BlockTable bert_blocks(const BertConfig& config);
BlockTable vit_blocks(const VitConfig& config);
BlockTable t5_blocks(const T5Config& config);
BlockTable swin_blocks(const SwinConfig& config);

}  // namespace galvatron
