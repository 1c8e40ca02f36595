// What one layer does with the devices of its stage.
#pragma once

#include <array>
#include <string_view>

#include "cost_models/named_values.h"

namespace galvatron {

// Which group is made of consecutive ranks where both degrees exceed 1.
enum class Order { tensor_inner, data_inner };

// What is sharded over the data group: nothing, optimizer states, gradients too, parameters too.
enum class Zero { none, optimizer, gradients, parameters };

// What backward computes again: nothing; norm outputs, the MLP activation and an unfused attention
// core; the whole layer from its input; or, priced but not executed, every second product and all
// light kernels, while the other products and the attention keep their outputs.
enum class Recompute { none, selective, full, op };

enum class Schedule { one_f_one_b, gpipe };

// Where a layer's activations lie: samples split over the data group, tokens of each part over the
// tensor group (sequence parallelism) or replicated there.
struct Layout {
  int tensor = 1;
  int data = 1;
  Order order = Order::tensor_inner;
  bool sequence_parallel = false;

  bool operator==(const Layout&) const = default;
};

// Invariant of a valid strategy: order is tensor_inner unless both degrees exceed 1;
// sequence_parallel is false where tensor is 1; zero is none where data is 1.
struct Strategy {
  int tensor = 1;
  int data = 1;
  Order order = Order::tensor_inner;
  Zero zero = Zero::none;
  bool sequence_parallel = false;
  Recompute recompute = Recompute::none;

  bool operator==(const Strategy&) const = default;
};

constexpr Layout layout_of(const Strategy& s) {
  return {.tensor = s.tensor,
          .data = s.data,
          .order = s.order,
          .sequence_parallel = s.sequence_parallel};
}

// Degrees over which tokens are really split: with sequence parallelism each rank of the tensor
// group holds 1/tensor of the tokens of its samples.
constexpr int sequence_split(const Layout& layout) {
  return layout.sequence_parallel ? layout.tensor : 1;
}

// One table per enum serves parsing, printing and the error message.
inline constexpr NamedValues<Order, 2> kOrderNames{
    {{Order::tensor_inner, "tensor_inner"}, {Order::data_inner, "data_inner"}}};
inline constexpr NamedValues<Zero, 4> kZeroNames{
    {{Zero::none, "0"}, {Zero::optimizer, "1"}, {Zero::gradients, "2"}, {Zero::parameters, "3"}}};
inline constexpr NamedValues<Recompute, 4> kRecomputeNames{{{Recompute::none, "none"},
                                                            {Recompute::selective, "selective"},
                                                            {Recompute::full, "full"},
                                                            {Recompute::op, "op"}}};
inline constexpr NamedValues<Schedule, 2> kScheduleNames{
    {{Schedule::one_f_one_b, "1f1b"}, {Schedule::gpipe, "gpipe"}}};

}  // namespace galvatron
