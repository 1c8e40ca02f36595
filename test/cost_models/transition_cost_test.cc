#include "cost_models/transition_cost.h"

#include "cost_models/collectives.h"
#include "test/catch.h"
#include "test/cost_models/sample_layers.h"

namespace galvatron {
namespace {

// 4096 tokens of 1024 bf16 numbers: 8 MiB.
constexpr ActivationShape kActivation{.tokens = 4096, .hidden = 1024, .precision = Precision::bf16};

TEST_CASE("equal layouts change for free") {
  const Layout layout{.tensor = 2, .data = 4};
  CHECK(transition_cost(layout, layout, kActivation, a100_cluster(1, 8)) == TransitionCost{});
}

TEST_CASE("a layout that needs more gathers forward and slices the gradient back") {
  const Cluster cluster = a100_cluster(1, 8);
  const Layout data{.data = 8};
  const Layout pairs{.tensor = 2, .data = 4};
  const Seconds gather = collective_time({CollectiveKind::all_gather, 2 * kMiB},
                                         stage_placement({.size = 2}, cluster), cluster.hardware);
  const TransitionCost cost = transition_cost(data, pairs, kActivation, cluster);
  CHECK(cost.forward == gather);
  CHECK(cost.backward.value == 0);
  CHECK(cost.transient == kMiB + 2 * kMiB);
  const TransitionCost back = transition_cost(pairs, data, kActivation, cluster);
  CHECK(back.forward.value == 0);
  CHECK(back.backward == gather);
}

TEST_CASE("a change of layout that is kept prices any number of tokens") {
  const Cluster cluster = a100_cluster(1, 8);
  const Layout pairs{.tensor = 2, .data = 4, .sequence_parallel = true};
  const Layout apart{.tensor = 4, .data = 2, .order = Order::data_inner};
  const LayoutChange change = layout_change(pairs, apart, 8);
  CHECK(change.forward.kind == Redistribution::Kind::all_to_all);
  for (const std::int64_t tokens : {8, 4096}) {
    const ActivationShape activation{.tokens = tokens, .hidden = 64};
    const RedistributionShape shape =
        redistribution_shape(pairs, apart, {.devices = 8, .tokens = tokens});
    CHECK(change.forward.payload_tokens * tokens == shape.payload_tokens * change.tokens);
    CHECK(transition_cost(change, activation, cluster) ==
          transition_cost(pairs, apart, activation, cluster));
    CHECK(transition_cost(change, activation, cluster).transient ==
          Bytes{(tokens / 8 + tokens / 2) * 64 * 4});
  }
}

TEST_CASE("a boundary pays redistribution both ways and what its own stage sends") {
  const Cluster cluster = a100_cluster(2, 8);
  const Layout layout{.tensor = 8};
  CHECK(transfer_bytes(kActivation, cluster) == kMiB);
  const Seconds transfer = transfer_time(kActivation, cluster);
  // 30 + 2 x 6 us and 1 MiB over 0.8 x 25 GB/s.
  CHECK(transfer.value == Approx(42e-6 + 1048576 / 20e9));
  const TransitionCost inside = transition_cost(canonical_layout(8), layout, kActivation, cluster);
  const TransitionCost enter = enter_cost(layout, kActivation, cluster);
  CHECK(enter.forward == inside.forward);
  CHECK(enter.backward == inside.backward + transfer);
  const TransitionCost leave = leave_cost(layout, kActivation, cluster);
  CHECK(leave.forward.value == Approx((inside.backward + transfer).value));
  CHECK(leave.backward.value == Approx(inside.forward.value));
}

TEST_CASE("one device between stages only sends") {
  const Cluster cluster = a100_cluster(4, 1);
  CHECK(enter_cost(Layout{}, kActivation, cluster).forward.value == 0);
  CHECK(enter_cost(Layout{}, kActivation, cluster).backward == transfer_time(kActivation, cluster));
}

}  // namespace
}  // namespace galvatron
