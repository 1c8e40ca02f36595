// How two plans differ, in the words of the people who compare them.
#pragma once

#include <string>
#include <vector>

#include "planner/plan/plan.h"

namespace galvatron {

// One difference. What one side does not have is empty there. Of times and sizes `change` is the
// signed difference: "+3.2 %", "-512.0 MiB"; empty for everything else.
struct FieldChange {
  std::string subject;  // "model", "job", "plan", "layers 4-7", "stage 1", "predicted", "inputs"
  std::string field;    // "schedule", "stage", "tensor", "memory"
  std::string before;
  std::string after;
  std::string change;

  bool operator==(const FieldChange&) const = default;
};

// Empty for equal plans. In the order: model, job, plan, layers that moved to another stage, layers
// whose strategy changed (neighbours with the same change in one line), predicted times, memory per
// stage (of the largest stage where the plans do not have equally many), certificate, inputs.
std::vector<FieldChange> diff(const Plan& before, const Plan& after);

}  // namespace galvatron
