// Writing a model as Hugging Face's config.json, the inverse of read_hf_config.
#pragma once

#include <optional>
#include <string>

#include "planner/model/model.h"

namespace galvatron {

// Keys as transformers 4.57.6 writes them, defaults included. Absent for a user's own model, which
// no class of transformers computes.
std::optional<std::string> hf_config_text(const Model& model);

}  // namespace galvatron
