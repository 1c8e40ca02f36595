// The planning problem as the search sees it: numbers only.
//
// One Problem is one choice of stage count, micro-batches and schedule. A chain of layers is cut
// into stages of consecutive layers, every layer picks one option of its type, and the step time
//
//   T = sum_i t_i + (m - 1) max_i t_i + max_i (y_i - sum_{j<i} b_j)^+ + max_i o_i + constant
//
// is minimised while every stage stays within the memory budget. Here t_i is the time of stage i
// for one micro-batch (tolls of its layouts included), b_i the backward part of it, y_i the
// gradient sync left once per step, of which the backward of earlier stages hides its share, and
// o_i the optimizer. One stage gives T = m t + y + o.
//
//   memory_i = fixed + enter_bytes (first layer) + leave_bytes (last layer)
//              + sum (states + in_flight x activations) + max(transients of options and tolls)
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace galvatron::search {

using Time = std::int64_t;  // picoseconds
using Size = std::int64_t;  // bytes

inline constexpr std::int64_t kUnlimited = std::numeric_limits<std::int64_t>::max();

// The price of a change of layout: time per micro-batch and the buffer it needs meanwhile.
struct Toll {
  Time time = 0;
  Size transient = 0;
  bool operator==(const Toll&) const = default;
};

// One strategy of one layer. Everything is non-negative and backward <= time.
struct Option {
  int layout = 0;
  Time time = 0;         // per micro-batch, forward and backward
  Time backward = 0;     // part of time
  Time sync = 0;         // per step, what is left after overlap inside the layer
  Time optimizer = 0;    // per step, update and parameter gather
  Size states = 0;       // parameters, gradients, optimizer states
  Size activations = 0;  // per micro-batch in flight
  Size transient = 0;    // buffers that no two layers hold at once
  bool operator==(const Option&) const = default;
};

struct LayerType {
  std::vector<Option> options{};
  std::vector<Toll> enter{};  // by layout, paid by the first layer of a stage; empty: free
  std::vector<Toll> leave{};  // by layout, paid by the last layer of a stage; empty: free
  Size enter_bytes = 0;       // held throughout by a stage that begins with this layer
  Size leave_bytes = 0;       // and by one that ends with it
  int switch_table = 0;       // tolls between this layer's output and its successor
};

// Tolls between neighbours in one stage, [from * layouts + to]; empty: free. The diagonal is never
// paid.
struct SwitchTable {
  std::vector<Toll> tolls{};
  bool operator==(const SwitchTable&) const = default;
};

struct StageShape {
  std::int64_t in_flight = 1;  // micro-batches whose activations are alive at the peak
  Size fixed_bytes = 0;
  bool operator==(const StageShape&) const = default;
};

// Two layers that one stage must hold both, or that no stage may hold both.
struct Bond {
  int one = 0;
  int other = 0;
  bool together = false;
  bool operator==(const Bond&) const = default;
};

struct Problem {
  std::int64_t micro_batches = 1;
  int layouts = 1;
  std::vector<LayerType> types{};
  std::vector<int> layers{};  // type of each layer, in chain order
  std::vector<SwitchTable> switches{SwitchTable{}};
  std::vector<StageShape> stages{};
  std::vector<int> stage_begin{};  // the one cut there is, by stage; empty: any
  std::vector<Bond> bonds{};       // what every cut into several stages keeps
  Size memory_budget = 0;
  Time constant_time = 0;  // per step, whatever the plan
};

// A plan of a Problem: where each stage begins, and per layer the index into its type's options.
struct Assignment {
  std::vector<int> stage_begin{};
  std::vector<int> option{};
  bool operator==(const Assignment&) const = default;
};

struct StageCost {
  Time time = 0;
  Time backward = 0;
  Time sync = 0;
  Time optimizer = 0;
  Size states = 0;
  Size activations = 0;  // of all micro-batches in flight
  Size transient = 0;
  Size fixed = 0;
  bool operator==(const StageCost&) const = default;
};

struct PlanCost {
  Time total = 0;
  std::vector<StageCost> stages{};
};

// The stages of 1F1B (stage i holds min(m, P - i) micro-batches) and of GPipe (m).
std::vector<StageShape> one_forward_one_backward_stages(int pipeline, std::int64_t micro_batches,
                                                        Size fixed_bytes);
std::vector<StageShape> gpipe_stages(int pipeline, std::int64_t micro_batches, Size fixed_bytes);

// Whether a stage of the layers [begin, end) keeps the bond.
inline bool keeps(const Bond& bond, int begin, int end) {
  const bool has_one = begin <= bond.one && bond.one < end;
  const bool has_other = begin <= bond.other && bond.other < end;
  return bond.together ? has_one == has_other : !(has_one && has_other);
}

// Whether the stage may hold the layers [begin, end).
inline bool may_hold(const Problem& problem, int stage, int begin, int end) {
  for (const Bond& bond : problem.bonds) {
    if (!keeps(bond, begin, end)) return false;
  }
  if (problem.stage_begin.empty()) return true;
  const auto own = static_cast<std::size_t>(stage);
  const bool is_last = own + 1 == problem.stage_begin.size();
  const int next = is_last ? static_cast<int>(problem.layers.size()) : problem.stage_begin[own + 1];
  return begin == problem.stage_begin[own] && end == next;
}

inline Size peak_bytes(const StageCost& stage) {
  return stage.states + stage.activations + stage.transient + stage.fixed;
}

// Whether there is any way to cut the layers into the stages.
bool has_cut(const Problem& problem);

// Throws std::invalid_argument naming what is wrong, or std::range_error saying that the slowest
// plan would not fit in 2^61 ps (27 days a step), within which all sums of the search are exact.
void require_valid(const Problem& problem);

// One stage of layers of these types, with an option for each.
struct StageLayers {
  std::vector<int> types{};
  std::vector<int> options{};
};
StageCost stage_cost(const Problem& problem, const StageShape& shape, const StageLayers& layers);

// The stage whose sync is exposed most, after the backward of the stages before it; of equals the
// first, which is the first stage where nothing is exposed.
struct Exposure {
  std::size_t stage = 0;
  Time sync = 0;
};
Exposure most_exposed(const std::vector<StageCost>& stages);

// The time of a step from the costs of its stages, in order.
Time step_time(const Problem& problem, const std::vector<StageCost>& stages);

PlanCost cost_of(const Problem& problem, const Assignment& assignment);

bool fits(const Problem& problem, const PlanCost& cost);

// What the ends of a stage hold: its first and its last layer.
inline Size boundary_bytes(const LayerType& first, const LayerType& last) {
  return first.enter_bytes + last.leave_bytes;
}

// The tolls of one layer, with "empty is free" resolved.
Toll enter_toll(const LayerType& type, int layout);
Toll leave_toll(const LayerType& type, int layout);

// From the layout of a layer of type `from` to that of its successor.
struct Crossing {
  int from = 0;
  int to = 0;
};
Toll switch_toll(const Problem& problem, const LayerType& from, Crossing crossing);
Toll switch_toll(const Problem& problem, const SwitchTable& table, Crossing crossing);

}  // namespace galvatron::search
