// The log of a training run, as galvatron-exec train --log writes it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cost_models/units.h"

namespace galvatron {

// What the live tensors of one rank were for when they were most.
struct PeakParts {
  Bytes parameters;
  Bytes gradients;
  Bytes optimizer;
  Bytes activations;
  Bytes transient;

  bool operator==(const PeakParts&) const = default;
};

template <typename PartsOrConst, typename Visit>
void for_each_part(PartsOrConst& parts, Visit visit) {
  auto& [parameters, gradients, optimizer, activations, transient] = parts;
  visit("parameters", parameters);
  visit("gradients", gradients);
  visit("optimizer", optimizer);
  visit("activations", activations);
  visit("transient", transient);
}

struct RunLog {
  std::vector<Seconds> steps{};      // time of each
  std::vector<Bytes> stage_peaks{};  // live tensors of the fullest rank of each stage, at the end
  std::vector<PeakParts> stage_parts{};  // the same by category; empty in logs that do not say
};

// Throws SpecError, with the line, for what is no such log.
RunLog read_run_log(const std::string& path);

}  // namespace galvatron
