// How two plans differ, in the words of the people who compare them.
#pragma once

#include <string>
#include <vector>

#include "planner/plan/plan.h"

namespace galvatron {

// One difference. Of quantities `change` is the signed difference: "+3.2 %", "-512.0 MiB".
struct FieldChange {
  std::string subject;  // "model", "job", "plan", "layers 4-7", "stage 1", "predicted", "inputs"
  std::string field;    // "schedule", "stage", "tensor", "memory"
  std::string before;
  std::string after;
  std::string change;

  bool operator==(const FieldChange&) const = default;
};

// Empty for plans that say the same. In the order model, job, plan, layers that moved to another
// stage, layers whose strategy changed (equal neighbours in one line), predicted times, memory of
// each stage (of the largest one where the stage counts differ), inputs.
std::vector<FieldChange> diff(const Plan& before, const Plan& after);

}  // namespace galvatron
