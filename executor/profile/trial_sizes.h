// How much work a measurement needs: so much that it is the work that is measured and not its
// start, and no more than the device does in seconds.
#pragma once

#include <cstdint>
#include <vector>

#include "cost_models/units.h"
#include "executor/device/device.h"

namespace galvatron {

struct AttentionSizes {
  std::int64_t samples = 1;
  std::int64_t tokens = 1;
  std::int64_t heads = 1;
  std::int64_t head_size = 1;
};

struct TrialSizes {
  std::vector<std::int64_t> products;  // of each dimension, ascending
  AttentionSizes attention;            // without a causal mask
  std::int64_t memory_elements = 1;    // fp32, of each array of an addition
  std::int64_t cache_elements = 1;     // fp32, more than the caches hold
  Bytes overlap_payload;               // of a collective beside products
  std::int64_t overlap_width = 1;      // of those square products
};

TrialSizes trial_sizes(DeviceKind kind);

}  // namespace galvatron
