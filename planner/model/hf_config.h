// Hugging Face's config.json: gpt2, llama, bert and vit.
//
// Of every family we know which keys change what is computed: they are honoured, or refused by
// name. Keys known not to are skipped; any other key is a warning. A missing key, and one that is
// null, means the library's default. Source: transformers 4.57.6, configuration_gpt2.py,
// configuration_llama.py, configuration_bert.py, configuration_vit.py, modeling_rope_utils.py; 5.x
// spells the rotary keys differently.
#pragma once

#include "planner/files/document.h"
#include "planner/model/model_file.h"

namespace galvatron {

// The model's name is left empty. Its sequence length is as many tokens as it has positions.
// Throws SpecError with all that is wrong.
ModelReading read_hf_config(const Document& document);

}  // namespace galvatron
