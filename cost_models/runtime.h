// How a training system executes a strategy, as far as time and memory depend on it: its kernels,
// what it overlaps, what it keeps per parameter, what its host costs, and which strategies it has.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cost_models/fields.h"
#include "cost_models/runtime_laws.h"
#include "cost_models/strategy.h"
#include "cost_models/units.h"

namespace galvatron {

enum class AttentionKernel { fused, unfused, unfused_with_dropout };

// Whether communication may run beside computation that does not need it.
enum class Traffic { blocking, overlapped };

inline constexpr NamedValues<AttentionKernel, 3> kAttentionKernelNames{
    {{AttentionKernel::fused, "fused"},
     {AttentionKernel::unfused, "unfused"},
     {AttentionKernel::unfused_with_dropout, "unfused_with_dropout"}}};
inline constexpr NamedValues<Traffic, 2> kTrafficNames{
    {{Traffic::blocking, "blocking"}, {Traffic::overlapped, "overlapped"}}};

// Bytes kept per parameter. `master` is the fp32 copy beside a 16-bit weight; it belongs to the
// optimizer, but under ZeRO 3 it is the parameter shard itself.
struct StateBytes {
  std::int64_t weight = 4;
  std::int64_t gradient = 4;
  std::int64_t master = 0;
  std::int64_t moments = 8;
  std::optional<std::int64_t> reduced{};  // of a gradient on the wire; absent: as it is kept

  bool operator==(const StateBytes&) const = default;
};

inline constexpr StateBytes kStatesIn32Bit{};
inline constexpr StateBytes kStatesIn16Bit{.weight = 2, .gradient = 4, .master = 4, .moments = 8};

constexpr const StateBytes& state_bytes(Precision precision) {
  return element_bytes(precision) == 4 ? kStatesIn32Bit : kStatesIn16Bit;
}

constexpr std::int64_t reduced_bytes(const StateBytes& states) {
  return states.reduced.value_or(states.gradient);
}

// What a step streams per parameter held. Norm: the gradient is read. Adam: weight (or master),
// gradient and moments are read, all but the gradient written, and the 16-bit weight where there
// is one. Clipping: the gradient is read and written. Accumulation, per micro-batch: what adding a
// gradient to the sum streams beside the product that makes it.
struct UpdateBytes {
  std::int64_t optimizer = 32;
  std::int64_t clip = 8;
  std::int64_t accumulate = 0;

  bool operator==(const UpdateBytes&) const = default;
};

// The strategies this system can execute.
struct Space {
  bool layer_wise = true;  // a strategy per layer; else one for all
  bool uneven_stages = true;
  bool sequence_parallel = true;
  std::vector<Zero> zero{Zero::none, Zero::optimizer, Zero::gradients, Zero::parameters};
  std::vector<Recompute> recompute{Recompute::none, Recompute::selective, Recompute::full};
  std::vector<Order> order{Order::tensor_inner, Order::data_inner};
  std::vector<Schedule> schedule{Schedule::one_f_one_b, Schedule::gpipe};

  bool operator==(const Space&) const = default;
};

// The defaults are our own executor. A precision without states is one it does not train in.
struct Runtime {
  std::string name = "galvatron";
  std::string origin{};
  AttentionKernel attention = AttentionKernel::fused;
  Traffic tensor_backward = Traffic::blocking;  // behind the weight-gradient products
  Traffic gradient_sync = Traffic::overlapped;  // behind the backward of other layers
  double cross_entropy_bytes_per_logit = 22;
  Seconds host_per_launch{10e-6};
  Seconds host_per_step{1e-3};
  ByPrecision<StateBytes> states{
      {kStatesIn32Bit, kStatesIn32Bit, kStatesIn16Bit, std::nullopt, std::nullopt}};
  ByPrecision<UpdateBytes> update{
      {UpdateBytes{}, UpdateBytes{}, UpdateBytes{.optimizer = 34}, std::nullopt, std::nullopt}};
  Space space{};
  std::optional<RuntimeLaws> laws{};  // absent: our own executor

  bool operator==(const Runtime&) const = default;
};

inline RuntimeLaws laws_of(const Runtime& runtime) { return runtime.laws.value_or(RuntimeLaws{}); }

// Whether the rank program is what this system runs.
inline bool runs_rank_program(const Runtime& runtime) { return !runtime.laws; }

}  // namespace galvatron
