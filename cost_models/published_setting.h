// Where the published cost model prices a layer: the constants, the model, how many stages share
// the devices, and the samples of a step.
#pragma once

#include <cstdint>
#include <vector>

#include "cost_models/published_costs.h"
#include "cost_models/strategy.h"

namespace galvatron {

// The node that the published constants were measured on.
inline constexpr int kPublishedDevices = 8;

// Costs and model must outlive it.
struct PublishedSetting {
  const PublishedCosts& costs;
  const PublishedModel& model;
  int pipeline = 1;
  std::int64_t global_batch = 1;  // samples
};

// B / d: real, as the model takes it.
inline double samples_per_rank(const Strategy& strategy, const PublishedSetting& setting) {
  return static_cast<double>(setting.global_batch) / strategy.data;
}

inline bool splits_both(const Strategy& strategy) {
  return strategy.tensor > 1 && strategy.data > 1;
}

// The published strategies of a stage of `devices`: tensor and data degrees that are powers of two,
// both orders where both degrees exceed 1, ZeRO 3 or nothing where the data degree does. 8 devices
// give 11, 4 give 7, 2 give 3, 1 gives 1.
std::vector<Strategy> published_strategies(int devices);

}  // namespace galvatron
