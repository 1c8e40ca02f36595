// One reader per family of config.json.
#pragma once

#include "planner/model/hf_config_reader.h"
#include "planner/model/model.h"

namespace galvatron {

Gpt2Config read_hf_gpt2(HfConfigReader& reader);
LlamaConfig read_hf_llama(HfConfigReader& reader);
BertConfig read_hf_bert(HfConfigReader& reader);
VitConfig read_hf_vit(HfConfigReader& reader);
T5Config read_hf_t5(HfConfigReader& reader);
SwinConfig read_hf_swin(HfConfigReader& reader);

}  // namespace galvatron
