// Which stage fills its device's memory most, and with what.
#pragma once

#include <string_view>

#include "planner/plan/plan.h"

namespace galvatron {

struct BindingStage {
  int stage = 0;  // the first of equals
  Bytes used{};
  Bytes headroom{};            // to the budget; negative: it does not fit
  std::string_view largest{};  // the part of MemoryParts that takes most
  Bytes largest_size{};

  bool operator==(const BindingStage&) const = default;
};

// Requires a prediction of at least one stage.
BindingStage binding_stage(const Prediction& prediction, Bytes budget);

}  // namespace galvatron
