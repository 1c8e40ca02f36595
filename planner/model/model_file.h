// A model from a file: Hugging Face's config.json or our YAML.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "planner/files/spec_error.h"
#include "planner/model/model.h"

namespace galvatron {

struct ModelReading {
  Model model;
  std::vector<Diagnostic> warnings;  // keys of a config.json that nobody knows, with their lines
};

// By the ending: ".json" is a config.json, anything else our YAML. Throws SpecError.
ModelReading read_model(const std::string& path);

// Whether every sample has just as many tokens as most_positions says: those of an image.
bool has_fixed_length(const Model& model);

// The most tokens that one sample may have: what the model's positions cover.
std::int64_t most_positions(const Model& model);

}  // namespace galvatron
