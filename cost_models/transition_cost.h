// The cost of activations on their way between layers: a change of layout inside a stage, and the
// boundary of a stage, where tokens lie in the canonical layout and rank j sends to rank j.
#pragma once

#include <cstdint>

#include "cost_models/cluster.h"
#include "cost_models/redistribution.h"
#include "cost_models/units.h"

namespace galvatron {

// The activation of one micro-batch.
struct ActivationShape {
  std::int64_t tokens = 0;  // of the whole micro-batch
  std::int64_t hidden = 0;
  Precision precision = Precision::fp32;

  bool operator==(const ActivationShape&) const = default;
};

// A change of layout on stages of so many devices, for any number of tokens that both layouts
// divide: the shapes are those of `tokens` tokens. Worth keeping: it looks at every rank.
struct LayoutChange {
  Layout from{};
  Layout to{};
  std::int64_t tokens = 1;
  RedistributionShape forward{};
  RedistributionShape backward{};  // the transpose

  bool operator==(const LayoutChange&) const = default;
};

LayoutChange layout_change(const Layout& from, const Layout& to, int devices);

struct TransitionCost {
  Seconds forward{};
  Seconds backward{};
  Bytes transient{};  // both buffers, on the rank that holds the most

  bool operator==(const TransitionCost&) const = default;
};

// Nothing where the layouts are equal. Requires layouts that divide the tokens.
TransitionCost transition_cost(const LayoutChange& change, const ActivationShape& activation,
                               const Cluster& cluster);
TransitionCost transition_cost(const Layout& from, const Layout& to,
                               const ActivationShape& activation, const Cluster& cluster);

// What the first and the last layer of a stage pay where another stage is before or after it:
// redistribution from or to the canonical layout both ways, and what this stage sends itself, which
// is the gradient back when entering and the activation on when leaving.
TransitionCost enter_cost(const LayoutChange& entering, const ActivationShape& activation,
                          const Cluster& cluster);
TransitionCost enter_cost(const Layout& layout, const ActivationShape& activation,
                          const Cluster& cluster);
TransitionCost leave_cost(const LayoutChange& leaving, const ActivationShape& activation,
                          const Cluster& cluster);
TransitionCost leave_cost(const Layout& layout, const ActivationShape& activation,
                          const Cluster& cluster);

// Bytes that one rank sends to the next stage (a gradient: to the one before), and how long that
// lasts. What is sent stays in memory until the next of its kind goes.
Bytes transfer_bytes(const ActivationShape& activation, const Cluster& cluster);
Seconds transfer_time(const ActivationShape& activation, const Cluster& cluster);

}  // namespace galvatron
