// Runtimes as YAML: hardware_profiles/runtimes/*.yaml, and the copy inside a plan.
#pragma once

#include <string>

#include "cost_models/runtime.h"
#include "planner/files/reader.h"
#include "planner/files/writer.h"

namespace galvatron {

// Throws SpecError with everything that is wrong.
Runtime read_runtime(const std::string& path);

// Of a document that holds a runtime under one of its keys; errors go to the reader's list.
Runtime read_runtime(MapReader& reader);

void write_runtime(YamlWriter& out, const Runtime& runtime);

}  // namespace galvatron
