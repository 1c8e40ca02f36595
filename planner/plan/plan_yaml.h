// The plan file. What is decided comes first and reads from top to bottom; what was predicted and
// what it was made from follow. The same plan gives the same bytes.
#pragma once

#include <string>
#include <vector>

#include "planner/files/source.h"
#include "planner/plan/plan.h"

namespace galvatron {

inline constexpr int kPlanVersion = 1;

std::string plan_yaml(const Plan& plan);

// Both throw SpecError with everything that is wrong: keys and values, a plan that cannot be
// executed (see check_structure), inputs that are not those of their hashes.
Plan read_plan(const std::string& path);
Plan read_plan(Source source);

// A part of the inputs as it stands in the file, without indentation: what its hash is taken of.
struct InputSection {
  std::string name;
  std::string text;

  bool operator==(const InputSection&) const = default;
};

// memory, search, hardware, runtime, and profile where there is one.
std::vector<InputSection> input_sections(const PlanInputs& inputs);

}  // namespace galvatron
