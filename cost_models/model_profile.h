// Measured passes of the layers of one model on one device: what takes the place of the kernel laws
// in layer_compute.h for the layer types it holds.
//
// A layer type is measured as one rank of a tensor group runs it, without the traffic of the group:
// a grid of tensor degree, sequence parallelism and samples of a micro-batch. What lies between its
// points is interpolated: linearly in the samples of one degree; between two degrees at equal work
// of a rank (samples / degree), linearly in the logarithm of the degree. What lies outside is the
// nearest point, scaled by what the kernel laws say about the two; plans name it (profile_gaps.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cost_models/precision.h"
#include "cost_models/timing.h"
#include "cost_models/units.h"

namespace galvatron {

// One layer type at one tensor degree; all lists are by `samples`.
struct ProfiledLayer {
  std::string type{};
  std::string identity{};  // of the layer's tables, so that no other layer is taken for it
  int tensor = 1;
  bool sequence_parallel = false;
  std::vector<std::int64_t> samples{};  // that the tensor group works on, ascending
  TimingCurve forward{};
  TimingCurve backward{};                  // without recomputation
  std::optional<TimingCurve> selective{};  // what selective recomputation adds to backward
  std::vector<Bytes> saved{};              // between forward and backward, the output not counted
  std::vector<Bytes> forward_peak{};       // live beside the input
  std::vector<Bytes> backward_peak{};  // live beside what forward left and the output's gradient

  bool operator==(const ProfiledLayer&) const = default;
};

struct ModelProfile {
  std::string model{};  // its name
  std::string device{};
  Precision precision = Precision::fp32;
  bool dropout = true;   // as the model's config says
  std::string origin{};  // the command that measured, and when
  std::vector<ProfiledLayer> layers{};

  bool operator==(const ModelProfile&) const = default;
};

// A point that the profile is asked for.
struct ProfileQuery {
  std::string_view type;
  int tensor = 1;
  bool sequence_parallel = false;
  double samples = 1;  // of the tensor group

  bool operator==(const ProfileQuery&) const = default;
};

struct ProfiledPasses {
  Seconds forward{};
  Seconds backward{};
  std::optional<Seconds> selective{};
  // The point these times are of: the query itself, or the nearest one of its type. The name of the
  // type is the query's.
  ProfileQuery at{};
};

// None where the profile does not hold the layer type.
std::optional<ProfiledPasses> profiled_passes(const ModelProfile& profile,
                                              const ProfileQuery& query);

bool holds(const ModelProfile& profile, std::string_view type);

}  // namespace galvatron
