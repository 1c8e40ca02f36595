// A proof as the last section of a plan file.
#pragma once

#include <vector>

#include "planner/files/reader.h"
#include "planner/files/writer.h"
#include "planner/plan/plan.h"

namespace galvatron {

void write_proof(YamlWriter& out, const Proof& proof);

// What is wrong goes into the reader's errors.
Proof read_proof(MapReader& reader);

// Fingerprints of what was searched for the plan. Requires inputs.
std::vector<SearchedPart> searched_parts(const Plan& plan);

}  // namespace galvatron
