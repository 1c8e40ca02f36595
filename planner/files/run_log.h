// The log of a training run, as galvatron-exec train --log writes it.
#pragma once

#include <string>
#include <vector>

#include "cost_models/units.h"

namespace galvatron {

struct RunLog {
  std::vector<Seconds> steps;      // time of each
  std::vector<Bytes> stage_peaks;  // live tensors of the fullest rank of each stage, at the end
};

// Throws SpecError, with the line, for what is no such log.
RunLog read_run_log(const std::string& path);

}  // namespace galvatron
