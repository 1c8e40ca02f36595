// One device as data: its memory, its peak rates and the share of them that kernels reach.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cost_models/fields.h"
#include "cost_models/timing.h"
#include "cost_models/units.h"

namespace galvatron {

// Measured products [m, k] x [k, n]: lists of equal length.
struct ProductTable {
  std::vector<std::int64_t> m{};
  std::vector<std::int64_t> n{};
  std::vector<std::int64_t> k{};
  TimingCurve time{};

  bool operator==(const ProductTable&) const = default;
};

// Share of the peak rate that a matrix product m x n x k reaches:
//   ceiling * k/(k + r*half_depth) * min(m,n)/(min(m,n) + r*half_width) * (w/ceil(w))^wave_exponent
// with w = tiles of 128 x 256 per multiprocessor, r = 2 for fp8 and 1 otherwise.
struct ProductLaw {
  double ceiling = 1;
  double half_depth = 0;
  double half_width = 0;
  double wave_exponent = 0;
  double misaligned = 1;          // factor where a dimension is no multiple of 8
  double misaligned_batched = 1;  // the same in batched products
  Seconds launch{};
  std::string origin{};
  std::optional<ProductTable> measured{};  // what the constants were fitted to

  bool operator==(const ProductLaw&) const = default;
};

// Share of the peak that fused attention reaches: ceiling * x/(x + half_waves), x = blocks of 128
// queries per multiprocessor, times min(1, 1.19 e/(e + 24)) for heads of size e; times flash2_share
// where the runtime has nothing newer than flash attention 2.
struct AttentionLaw {
  double forward_ceiling = 1;
  double forward_half_waves = 0;
  double backward_ceiling = 1;
  double backward_half_waves = 0;
  double unfused_ceiling = 0.5;  // of the batched products where the runtime has no fused kernel
  std::optional<double> flash2_share{};  // absent: there is nothing newer
  std::string origin{};

  bool operator==(const AttentionLaw&) const = default;
};

// What a device holds outside of the tensors of a job, and what its host needs. A host time that is
// present replaces the runtime's.
struct DeviceOverhead {
  Bytes context{};       // driver and libraries, per process
  Bytes communicator{};  // per group a rank is a member of
  std::optional<Seconds> host_per_launch{};
  std::optional<Seconds> host_per_step{};
  std::string origin{};

  bool operator==(const DeviceOverhead&) const = default;
};

struct Device {
  std::string name{};
  Bytes memory{};
  BytesPerSecond memory_rate{};  // line rate of the device's memory
  double memory_efficiency = 0.85;
  Seconds stream_launch{};  // of an elementwise kernel
  int multiprocessors = 1;
  std::string origin{};
  ByPrecision<FlopsPerSecond> peak{};
  ByPrecision<ProductLaw> product{};
  AttentionLaw attention{};
  DeviceOverhead overhead{};

  bool operator==(const Device&) const = default;
};

}  // namespace galvatron
