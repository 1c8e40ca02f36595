#include "cost_models/layer_cost.h"

#include <array>

#include "cost_models/collectives.h"
#include "cost_models/layer_compute.h"
#include "cost_models/layer_passes.h"
#include "cost_models/overlap.h"
#include "cost_models/parameter_units.h"
#include "test/catch.h"
#include "test/cost_models/sample_layers.h"

namespace galvatron {
namespace {

// The 22B model of Korthikanti et al.: hidden 6144, 64 heads, 2048 tokens; micro-batch 4 on 8
// ranks.
const Layer kLayer22B = gpt_block(6144, 64, 2048);
constexpr std::int64_t kTokens22B = 4 * 2048;

// Megatron-LM of 2022: fused softmax but no fused attention; backward reductions overlap.
Cluster megatron_2022() {
  Cluster cluster = a100_cluster(1, 8);
  cluster.runtime.attention = AttentionKernel::unfused_with_dropout;
  cluster.runtime.tensor_backward = Traffic::overlapped;
  return cluster;
}

LayerSetting setting_22b(const Strategy& strategy) {
  return {.strategy = strategy, .group_tokens = kTokens22B, .precision = Precision::bf16};
}

TEST_CASE("the layer of a 22B model takes the published times of computation and traffic") {
  const Cluster cluster = megatron_2022();
  const auto compute = [&](const Strategy& strategy) {
    const LayerCompute times = layer_compute(kLayer22B, setting_22b(strategy), cluster);
    return std::pair(times.forward.value * 1e3, times.backward.value * 1e3);
  };
  const auto traffic = [&](const Strategy& strategy) {
    const LayerPasses passes = layer_passes(kLayer22B, setting_22b(strategy), cluster);
    const auto [forward, backward] = compute(strategy);
    return std::pair(passes.forward.value * 1e3 - forward, passes.backward.value * 1e3 - backward);
  };
  const Strategy tensor{.tensor = 8};
  CHECK(compute(tensor).first == Approx(6.339).epsilon(1e-4));
  CHECK(compute(tensor).second == Approx(11.660).epsilon(1e-4));
  CHECK(traffic(tensor).first == Approx(1.708).epsilon(1e-3));
  CHECK(traffic(tensor).second == Approx(0).margin(1e-9));
  const Strategy sequence{.tensor = 8, .sequence_parallel = true};
  CHECK(compute(sequence).first == Approx(5.769).epsilon(1e-4));
  CHECK(compute(sequence).second == Approx(10.986).epsilon(1e-4));
  CHECK(traffic(sequence).first == Approx(1.770).epsilon(1e-3));
  CHECK(traffic(sequence).second == Approx(0.885).epsilon(1e-3));
}

TEST_CASE("recomputation adds forward, or its attention core and light kernels, to backward") {
  const Cluster cluster = megatron_2022();
  const auto passes = [&](Recompute recompute) {
    return layer_passes(kLayer22B, setting_22b({.tensor = 8, .recompute = recompute}), cluster);
  };
  const LayerPasses none = passes(Recompute::none);
  const LayerPasses full = passes(Recompute::full);
  const LayerPasses selective = passes(Recompute::selective);
  CHECK(none.recompute.value == 0);
  CHECK(full.recompute == full.forward);
  CHECK(full.backward == none.backward);
  CHECK(selective.backward > none.backward);
  CHECK(selective.backward < full.recompute + full.backward);
}

constexpr Zero kZeros[] = {Zero::none, Zero::optimizer, Zero::gradients, Zero::parameters};

LayerCost cost_with(Zero zero, const Cluster& cluster) {
  return layer_cost(gpt_block(1024, 16, 512),
                    {.strategy = {.tensor = 2, .data = 4, .zero = zero, .sequence_parallel = true},
                     .group_tokens = 1024,
                     .precision = Precision::bf16},
                    cluster);
}

TEST_CASE("each ZeRO stage pays its traffic where the runtime does it") {
  const Cluster cluster = a100_cluster(1, 8);
  const LayerCost none = cost_with(Zero::none, cluster);
  const LayerCost optimizer = cost_with(Zero::optimizer, cluster);
  const LayerCost gradients = cost_with(Zero::gradients, cluster);
  const LayerCost parameters = cost_with(Zero::parameters, cluster);
  CHECK(optimizer.forward == none.forward);
  CHECK(optimizer.backward == none.backward);
  CHECK(none.exposed_sync.value > 0);
  CHECK(optimizer.exposed_sync.value > 0);
  CHECK(gradients.exposed_sync.value == 0);
  CHECK(parameters.exposed_sync.value == 0);

  // ZeRO 2: reduce-scatter of fp32 gradients and the token-local all-reduce with every micro-batch.
  const ParameterUnit unit = parameter_units(gpt_block(1024, 16, 512), 2).front();
  const Layout layout{.tensor = 2, .data = 4, .sequence_parallel = true};
  const Seconds scatter =
      collective_time({CollectiveKind::reduce_scatter, Bytes{unit.elements * 4}},
                      data_placement(layout, cluster), cluster.hardware);
  const Seconds tail =
      collective_time({CollectiveKind::all_reduce, Bytes{unit.token_local_elements * 4}},
                      tensor_placement(layout, cluster), cluster.hardware);
  CHECK(gradients.backward.value == Approx((none.backward + scatter + tail).value));

  // ZeRO 3: one gather of 16-bit parameters beside each pass; none after the optimizer.
  const Seconds gather = collective_time({CollectiveKind::all_gather, Bytes{unit.elements * 2}},
                                         data_placement(layout, cluster), cluster.hardware);
  const Slowdowns overlap = slowdowns_beside(cluster.hardware.overlap, CollectiveKind::all_gather);
  CHECK(parameters.forward.value == Approx(overlapped_time(none.forward, gather, overlap).value));
  CHECK(parameters.backward.value ==
        Approx((overlapped_time(none.backward, gather, overlap) + scatter + tail).value));
  CHECK(parameters.forward > none.forward);
  CHECK(parameters.forward < none.forward + gather);
  CHECK(gradients.optimizer.value == Approx((parameters.optimizer + gather).value));
  CHECK(optimizer.optimizer == gradients.optimizer);
}

TEST_CASE("traffic that overlaps is seen less than traffic that blocks") {
  Cluster cluster = a100_cluster(1, 8);
  const auto seen = [&] {
    const LayerCost sharded = cost_with(Zero::parameters, cluster);
    return std::array{cost_with(Zero::none, cluster).exposed_sync.value, sharded.forward.value,
                      sharded.backward.value};
  };
  const auto overlapped = seen();
  cluster.runtime.gradient_sync = Traffic::blocking;
  const auto blocking = seen();
  cluster.runtime.gradient_sync = Traffic::overlapped;
  cluster.hardware.overlap = {.compute_slowdown = 2, .traffic_slowdown = 2};
  const auto no_gain = seen();
  for (std::size_t i = 0; i < overlapped.size(); ++i) {
    CHECK(overlapped[i] < blocking[i]);
    CHECK(no_gain[i] == Approx(blocking[i]));
  }
}

TEST_CASE("a head's gathers block, and its memory holds it once") {
  const Cluster cluster = a100_cluster(1, 8);
  const Layer head = gpt_head(1024, 50257, 512);
  LayerSetting setting{.strategy = {.data = 8}, .group_tokens = 1024, .precision = Precision::bf16};
  const LayerCost none = layer_cost(head, setting, cluster);
  setting.strategy.zero = Zero::parameters;
  const LayerCost sharded = layer_cost(head, setting, cluster);
  Seconds gather;
  Bytes whole;
  for (const ParameterUnit& unit : parameter_units(head, 1)) {
    const Bytes bytes{unit_elements(unit, setting.strategy) * 2};
    whole += bytes;
    gather +=
        collective_time({CollectiveKind::all_gather, bytes},
                        data_placement(layout_of(setting.strategy), cluster), cluster.hardware);
  }
  CHECK(sharded.forward.value == Approx((none.forward + gather).value));
  // One gathered copy in 16 bits, the whole gradient in 32.
  CHECK(sharded.memory.transient <= none.memory.transient + 3 * whole);
}

TEST_CASE("a reduction is seen as much as the slowdowns of its own collective say") {
  const auto exposed = [](std::optional<CollectiveOverlap> Overlap::*kind, Zero zero) {
    Cluster cluster = a100_cluster(1, 8);
    cluster.hardware.overlap.*kind = CollectiveOverlap{3, 1.5};
    return cost_with(zero, cluster).exposed_sync.value;
  };
  const Cluster cluster = a100_cluster(1, 8);
  const double all_reduced = cost_with(Zero::none, cluster).exposed_sync.value;
  const double scattered = cost_with(Zero::optimizer, cluster).exposed_sync.value;
  CHECK(exposed(&Overlap::all_reduce, Zero::none) > all_reduced);
  CHECK(exposed(&Overlap::reduce_scatter, Zero::none) == all_reduced);
  CHECK(exposed(&Overlap::reduce_scatter, Zero::optimizer) > scattered);
  CHECK(exposed(&Overlap::all_reduce, Zero::optimizer) == scattered);
}

TEST_CASE("on one device a layer communicates nothing and updates everything") {
  const Cluster cluster = a100_cluster(1, 1);
  const Layer layer = gpt_block(1024, 16, 512);
  const LayerSetting setting{.group_tokens = 1024, .precision = Precision::bf16};
  const LayerCost cost = layer_cost(layer, setting, cluster);
  const LayerCompute compute = layer_compute(layer, setting, cluster);
  CHECK(cost.forward == std::max(compute.forward, cluster.runtime.host_per_launch * 18));
  CHECK(cost.exposed_sync.value == 0);
  CHECK(cost.optimizer == update_time(12 * 1024 * 1024 + 4096, Precision::bf16, cluster));
}

TEST_CASE("clipping scales the gradients once more") {
  const Cluster cluster = a100_cluster(1, 1);
  LayerSetting setting{.group_tokens = 1024, .precision = Precision::bf16};
  const Layer layer = gpt_block(1024, 16, 512);
  const Seconds without = layer_cost(layer, setting, cluster).optimizer;
  setting.clipping = Clipping::global_norm;
  CHECK(layer_cost(layer, setting, cluster).optimizer ==
        without + clip_time(12 * 1024 * 1024 + 4096, Precision::bf16, cluster));
}

TEST_CASE("tiny kernels wait for the host") {
  Cluster cluster = a100_cluster(1, 1);
  cluster.hardware.device.overhead.host_per_launch = Seconds{100e-6};
  const LayerPasses passes =
      layer_passes(gpt_block(64, 2, 8), {.group_tokens = 8, .precision = Precision::bf16}, cluster);
  CHECK(passes.forward.value == Approx(18 * 100e-6));
  CHECK(passes.backward.value == Approx(30 * 50e-6));
}

TEST_CASE("the parts of a pass add up to it") {
  const auto sum = [](const PassParts& parts) {
    return (parts.compute + parts.recompute + parts.tensor + parts.launch).value;
  };
  Cluster slow_host = megatron_2022();
  slow_host.hardware.device.overhead.host_per_launch = Seconds{1e-3};
  for (const Cluster& cluster : {megatron_2022(), slow_host}) {
    for (const auto& [recompute, name] : kRecomputeNames) {
      const LayerSetting setting =
          setting_22b({.tensor = 8, .sequence_parallel = true, .recompute = recompute});
      const LayerPasses passes = layer_passes(kLayer22B, setting, cluster);
      const LayerPassParts parts = layer_pass_parts(kLayer22B, setting, cluster);
      CHECK(sum(parts.forward) == Approx(passes.forward.value));
      CHECK(sum(parts.backward) == Approx(passes.backward.value));
      CHECK(parts.forward.tensor.value == Approx(1.770e-3).epsilon(1e-3));
      CHECK(parts.forward.compute.value == Approx(5.769e-3).epsilon(1e-4));
      const bool repeats = recompute == Recompute::selective || recompute == Recompute::op;
      CHECK((parts.backward.recompute.value > 0) == repeats);
      CHECK((parts.forward.launch.value > 0) == (cluster == slow_host));
    }
  }
}

TEST_CASE("a tied table is summed over the stages, and by the layer that stores it only") {
  const Layer head = gpt_head(1024, 50257, 512);
  LayerSetting setting{.strategy = {.data = 4}, .group_tokens = 1024, .precision = Precision::bf16};
  const Seconds alone = layer_cost(head, setting, a100_cluster(1, 4)).exposed_sync;
  const Cluster cluster = a100_cluster(2, 4);
  const LayerCost staged = layer_cost(head, setting, cluster);
  const Seconds tied =
      collective_time({CollectiveKind::all_reduce, Bytes{std::int64_t{50257} * 1024 * 4}},
                      pipeline_placement(cluster), cluster.hardware);
  CHECK(staged.exposed_sync.value == Approx((alone + tied).value));
  setting.tied_tables = LayerPlacement::TiedTables::held_elsewhere;
  const LayerCost shared = layer_cost(head, setting, cluster);
  CHECK(shared.exposed_sync < tied);
  CHECK(shared.optimizer < staged.optimizer);
}

TEST_CASE("a cost grows with the tokens and falls with faster hardware") {
  Cluster cluster = a100_cluster(2, 8);
  Cluster fast = cluster;
  fast.hardware = twice_as_fast(cluster.hardware);
  fast.runtime.host_per_launch = cluster.runtime.host_per_launch / 2;
  for (const Zero zero : kZeros) {
    for (const Recompute recompute : {Recompute::none, Recompute::selective, Recompute::full}) {
      LayerSetting setting{
          .strategy = {.tensor = 4, .data = 2, .zero = zero, .recompute = recompute},
          .group_tokens = 4096,
          .precision = Precision::bf16};
      const Layer layer = gpt_block(4096, 32, 2048);
      const LayerCost cost = layer_cost(layer, setting, cluster);
      const LayerCost halved = layer_cost(layer, setting, fast);
      CHECK(halved.forward.value == Approx(cost.forward.value / 2));
      CHECK(halved.backward.value == Approx(cost.backward.value / 2));
      CHECK(halved.exposed_sync.value == Approx(cost.exposed_sync.value / 2));
      CHECK(halved.optimizer.value == Approx(cost.optimizer.value / 2));
      CHECK(halved.memory == cost.memory);
      setting.group_tokens *= 2;
      CHECK(layer_cost(layer, setting, cluster).forward > cost.forward);
      CHECK(layer_cost(layer, setting, cluster).backward > cost.backward);
    }
  }
}

TEST_CASE("a step pays the world's sum and the host whatever the plan") {
  Cluster cluster = a100_cluster(1, 1);
  CHECK(step_overhead(cluster) == cluster.runtime.host_per_step);
  cluster.hardware.device.overhead.host_per_step = Seconds{0.25};
  CHECK(step_overhead(cluster).value == 0.25);
  cluster = a100_cluster(2, 4);
  // 34 + 8 x 5.5 us, and 16 bytes.
  CHECK(step_overhead(cluster).value == Approx(1e-3 + 78e-6).epsilon(1e-5));
}

}  // namespace
}  // namespace galvatron
