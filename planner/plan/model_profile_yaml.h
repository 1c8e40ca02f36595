// Model profiles as YAML: what `galvatron-exec profile model` writes, and the copy inside a plan.
#pragma once

#include <string>

#include "cost_models/model_profile.h"
#include "planner/files/reader.h"
#include "planner/files/writer.h"
#include "planner/plan/profile_match.h"

namespace galvatron {

// Throws SpecError with everything that is wrong, also where the profile was measured with another
// model, sequence length or precision.
ModelProfile read_model_profile(const std::string& path, const ProfiledJob& job);

// Of a document that holds a profile under one of its keys; errors go to the reader's list.
ModelProfile read_model_profile(MapReader& reader);

void write_model_profile(YamlWriter& out, const ModelProfile& profile);

// As a file of its own.
std::string model_profile_yaml(const ModelProfile& profile);

}  // namespace galvatron
