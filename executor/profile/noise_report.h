// How steady a machine was while it measured.
#pragma once

#include <string>

#include "cost_models/hardware.h"
#include "cost_models/timing.h"

namespace galvatron {

class NoiseReport {
 public:
  void add(const Timing& timing, const std::string& what);

  // One sentence where measurements jumped: 95 % of the repetitions of some took up to twice the
  // median or more. Empty where all were steady.
  std::string text() const;

 private:
  int measured_ = 0;
  int noisy_ = 0;
  double worst_ = 0;  // p95 over median
  std::string worst_name_;
};

// Of all that the profile holds tables of.
NoiseReport noise_of(const Hardware& hardware);

}  // namespace galvatron
