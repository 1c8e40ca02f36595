#include "cost_models/runtime_laws.h"

#include "cost_models/layer_compute.h"
#include "cost_models/layer_cost.h"
#include "cost_models/layer_passes.h"
#include "cost_models/parameter_units.h"
#include "cost_models/state_cost.h"
#include "cost_models/transition_cost.h"
#include "test/catch.h"
#include "test/cost_models/sample_layers.h"

namespace galvatron {
namespace {

constexpr std::int64_t kSequence = 2048;
constexpr std::int64_t kHidden = 4096;
const Layer kBlock = gpt_block(kHidden, 32, kSequence);

LayerSetting setting(const Strategy& strategy) {
  return {.strategy = strategy, .group_tokens = kSequence, .precision = Precision::bf16};
}

Cluster with_laws(Cluster cluster, const RuntimeLaws& laws) {
  cluster.runtime.laws = laws;
  return cluster;
}

// A block whose q, k and v are products of their own.
Layer apart() {
  Layer layer = kBlock;
  using Split = Product::Split;
  layer.products[0] = {Split::column, "q", kHidden, kHidden};
  layer.products.insert(layer.products.begin() + 1, {{Split::column, "k", kHidden, kHidden, true},
                                                     {Split::column, "v", kHidden, kHidden, true}});
  return layer;
}

TEST_CASE("the default laws cost what no laws cost, but for gathers that go ahead") {
  Cluster ours = a100_cluster(1, 8);
  LayerSetting all = setting({.tensor = 2, .data = 4, .zero = Zero::gradients});
  const auto backward = [&](const Cluster& cluster) {
    return layer_cost(kBlock, all, cluster).backward;
  };
  CHECK(layer_passes(kBlock, all, with_laws(ours, {})) == layer_passes(kBlock, all, ours));
  CHECK(backward(with_laws(ours, {})) == backward(ours));
  all.strategy.zero = Zero::parameters;
  CHECK(backward(with_laws(ours, {})) > backward(ours));
  ours.runtime.gradient_sync = Traffic::blocking;
  CHECK(backward(with_laws(ours, {})).value == Approx(backward(ours).value));
}

TEST_CASE("products of one input, joined, cost what their one product costs") {
  const Cluster joined =
      with_laws(a100_cluster(1, 1), {.kernels = {.products = ProductGrouping::joined}});
  const LayerSetting one = setting({});
  CHECK(layer_compute(apart(), one, joined).forward.value ==
        Approx(layer_compute(kBlock, one, joined).forward.value));
  CHECK(layer_compute(apart(), one, a100_cluster(1, 1)).forward >
        layer_compute(apart(), one, joined).forward);
}

TEST_CASE("an eager norm moves 34 bytes where the fused one moves 4") {
  Layer norm{.kind = LayerKind::block, .tokens_per_sample = kSequence, .hidden = kHidden};
  norm.streams = {{"norm", 2.0 * kHidden, 4.0 * kHidden, Spread::sequence, true, StreamWork::norm}};
  const Cluster fused = a100_cluster(1, 1);
  const Cluster eager = with_laws(fused, {.kernels = {.elementwise = Elementwise::eager}});
  // 2048 x 4096 elements, 2 TB/s x 0.85, 3 us.
  const auto seconds = [](double bytes) { return bytes * 2048 * 4096 / 1.7e12 + 3e-6; };
  CHECK(layer_compute(norm, setting({}), fused).forward.value == Approx(seconds(4)));
  CHECK(layer_compute(norm, setting({}), eager).forward.value == Approx(seconds(34)));
  CHECK(layer_compute(norm, setting({}), eager).backward.value == Approx(seconds(58)));
}

TEST_CASE("a host that cannot run ahead adds its launches to the device's time") {
  Cluster cluster = a100_cluster(1, 1);
  cluster.runtime.host_per_launch = {10e-6};
  const Seconds device = layer_passes(kBlock, setting({}), cluster).forward;
  const Cluster exposed = with_laws(cluster, {.host = {.exposed_share = 1}});
  CHECK(layer_passes(kBlock, setting({}), exposed).forward.value ==
        Approx(device.value + 18 * 10e-6));
}

TEST_CASE("every further rank of a tensor group makes launches last longer") {
  Cluster cluster = a100_cluster(1, 8);
  cluster.runtime.host_per_launch = {1};  // nothing else counts
  cluster = with_laws(cluster, {.kernels = {.forward_launches = 20, .backward_launches = 30},
                                .host = {.straggler_share = 0.04}});
  const LayerPasses passes = layer_passes(kBlock, setting({.tensor = 8}), cluster);
  CHECK(passes.forward.value == Approx(20 * (1 + 0.04 * 7)));
  CHECK(passes.backward.value == Approx(0.5 * 30 * (1 + 0.04 * 7)));
}

TEST_CASE("selective recomputation may drop the attention core alone") {
  Cluster cluster = a100_cluster(1, 1);
  cluster.runtime.attention = AttentionKernel::unfused;
  const LayerSetting selective = setting({.recompute = Recompute::selective});
  const Cluster core =
      with_laws(cluster, {.kernels = {.selective = SelectiveRecompute::attention_core}});
  CHECK(layer_compute(kBlock, selective, core).recompute <
        layer_compute(kBlock, selective, cluster).recompute);
  // Norm outputs and the activation's output stay, the scores go: 2 bytes x 32 heads x 2048 keys.
  const Bytes kept = layer_cost(kBlock, selective, core).memory.saved;
  const Bytes all = layer_cost(kBlock, setting({}), core).memory.saved;
  CHECK((all - kept).value == 2 * 32 * kSequence * kSequence);
}

TEST_CASE("op recomputes half of the products and keeps the others with the attention output") {
  const Cluster cluster = with_laws(a100_cluster(1, 1), {});
  const LayerCost cost = layer_cost(kBlock, setting({.recompute = Recompute::op}), cluster);
  // Per token: two inputs of h, q + k + v + output = 4 h less k, MLP 4 h ... in the law
  // 2 h + (2 x 32 + 32) x 128 + 0, and 4 bytes of 32 log-sum-exps. The sample block names no
  // activation, so that its MLP counts nothing.
  const std::int64_t per_token = 2 * (2 * kHidden + 3 * kHidden) + 4 * 32;
  CHECK(cost.memory.saved.value == per_token * kSequence);
  const LayerCompute none = layer_compute(kBlock, setting({}), cluster);
  const LayerCompute op = layer_compute(kBlock, setting({.recompute = Recompute::op}), cluster);
  CHECK(op.recompute.value > 0);
  CHECK(op.recompute.value < none.forward.value);
}

TEST_CASE("parameters gathered beside computation cost no more than gathered before it") {
  const Cluster blocking = with_laws(a100_cluster(1, 8), {});
  const Cluster overlapped =
      with_laws(blocking, {.traffic = {.gather = ParameterGather::overlapped}});
  const LayerSetting sharded = setting({.data = 8, .zero = Zero::parameters});
  const LayerCost before = layer_cost(kBlock, sharded, blocking);
  const LayerCost beside = layer_cost(kBlock, sharded, overlapped);
  CHECK(beside.forward < before.forward);
  CHECK(beside.backward < before.backward);
  CHECK(beside.forward >= layer_passes(kBlock, sharded, overlapped).forward);
}

TEST_CASE("several stages that keep what they gathered pay for it once per step") {
  const RuntimeLaws laws{.traffic = {.keeps_gathered = true}};
  const LayerSetting sharded = setting({.data = 8, .zero = Zero::parameters});
  const LayerCost one = layer_cost(kBlock, sharded, with_laws(a100_cluster(1, 8), laws));
  const LayerCost two = layer_cost(kBlock, sharded, with_laws(a100_cluster(2, 8), laws));
  CHECK(two.forward < one.forward);
  CHECK(two.exposed_sync.value > 0);
  CHECK(one.exposed_sync.value == 0);
}

TEST_CASE("a shard group holds a larger shard and gathers it from fewer ranks") {
  const Cluster cluster = a100_cluster(1, 16);
  LayerSetting grouped = setting({.data = 16, .zero = Zero::parameters});
  const LayerCost whole = layer_cost(kBlock, grouped, cluster);
  grouped.shard_group = 8;
  const LayerCost group = layer_cost(kBlock, grouped, cluster);
  CHECK(group.memory.optimizer.value == 2 * whole.memory.optimizer.value);
  CHECK(group.forward < whole.forward);  // inside a node, not across two
}

TEST_CASE("a context group shares the samples, and attention sees all their keys") {
  const Cluster cluster = a100_cluster(1, 8);
  LayerSetting one = setting({.data = 8});
  LayerSetting shared = one;
  shared.context = 8;
  shared.group_tokens = kSequence / 8;
  const LayerCompute whole = layer_compute(kBlock, one, cluster);
  const LayerCompute part = layer_compute(kBlock, shared, cluster);
  // An eighth of the queries, all keys: an eighth of the work at a lower share of the peak.
  CHECK(part.attention.forward * 8 > whole.attention.forward);
  CHECK(part.attention.forward < whole.attention.forward);
  const Cluster contiguous =
      with_laws(cluster, {.kernels = {.context_split = ContextSplit::contiguous}});
  // The last rank has (8 - 1/2) / 8 of its rows, not half; launches apart.
  const Seconds launch = cluster.hardware.device.product[Precision::bf16]->launch;
  CHECK((layer_compute(kBlock, shared, contiguous).attention.forward - launch).value ==
        Approx((part.attention.forward - launch).value * 15 / 8));
}

Cluster with_fp8(Cluster cluster) {
  cluster.hardware.device.peak[Precision::fp8] = cluster.hardware.device.peak[Precision::bf16];
  cluster.hardware.device.product[Precision::fp8] =
      cluster.hardware.device.product[Precision::bf16];
  cluster.runtime.states[Precision::fp8] = kStatesIn16Bit;
  cluster.runtime.update[Precision::fp8] = UpdateBytes{};
  return cluster;
}

// What casts add to a pass of the block, in bytes.
double cast_bytes(const RuntimeLaws& laws, Seconds LayerCompute::*pass) {
  RuntimeLaws free = laws;
  free.kernels.fp8_cast_bytes = 0;
  LayerSetting fp8 = setting({});
  fp8.precision = Precision::fp8;
  const Cluster cluster = with_fp8(a100_cluster(1, 1));
  const Seconds with = layer_compute(kBlock, fp8, with_laws(cluster, laws)).*pass;
  const Seconds without = layer_compute(kBlock, fp8, with_laws(cluster, free)).*pass;
  return (with - without).value * 1.7e12;
}

TEST_CASE("fp8 quantizes inputs forward and gradients backward, or everything in both passes") {
  const double inputs = 7.0 * kHidden * kSequence;  // of qkv, projection, up: h each; of down 4 h
  const double gradients = 9.0 * kHidden * kSequence;  // 3 h, h, 4 h, h
  const double weights = 12.0 * kHidden * kHidden;
  const RuntimeLaws once{.kernels = {.fp8_cast_bytes = 4}};
  CHECK(cast_bytes(once, &LayerCompute::forward) == Approx(4 * inputs));
  CHECK(cast_bytes(once, &LayerCompute::backward) == Approx(4 * gradients));
  const RuntimeLaws anew{.kernels = {.fp8_cast_bytes = 4, .fp8_requantizes = true}};
  CHECK(cast_bytes(anew, &LayerCompute::forward) == Approx(4 * (inputs + weights)));
  CHECK(cast_bytes(anew, &LayerCompute::backward) == Approx(4 * (gradients + inputs + weights)));
  const RuntimeLaws gathered{.kernels = {.fp8_cast_bytes = 4, .fp8_requantizes = true},
                             .traffic = {.fp8_parameters = true}};
  CHECK(cast_bytes(gathered, &LayerCompute::forward) == Approx(4 * inputs));
}

TEST_CASE("parameters in fp8 travel in half of the bytes") {
  LayerSetting sharded = setting({.data = 8, .zero = Zero::parameters});
  sharded.precision = Precision::fp8;
  const Cluster cluster = with_fp8(a100_cluster(1, 8));
  const std::vector<ParameterUnit> units = parameter_units(kBlock, 1);
  const auto gather = [&](bool in_fp8) {
    const RuntimeLaws laws{.traffic = {.fp8_parameters = in_fp8}};
    const Seconds time =
        state_cost(kBlock, units, sharded, with_laws(cluster, laws)).traffic.gather;
    return time.value;
  };
  CHECK(gather(true) < 0.6 * gather(false));
  CHECK(gather(true) > 0.5 * gather(false));  // latency stays
}

TEST_CASE("a runtime that gathers one by one gets no more than its rate") {
  const LayerSetting sharded = setting({.data = 8, .zero = Zero::parameters});
  const std::vector<ParameterUnit> units = parameter_units(kBlock, 1);
  const Cluster cluster =
      with_laws(a100_cluster(1, 8), {.traffic = {.state_rate = BytesPerSecond{1e9}}});
  const StateTraffic traffic = state_cost(kBlock, units, sharded, cluster).traffic;
  const double elements = static_cast<double>(unit_elements(units.front(), sharded.strategy));
  CHECK(traffic.gather.value == Approx(elements * 2 * 7 / 8 / 1e9));
  CHECK(traffic.reduce.value == Approx(elements * 4 * 7 / 8 / 1e9));
  LayerSetting whole = sharded;
  whole.strategy.zero = Zero::optimizer;
  CHECK(state_cost(kBlock, units, whole, cluster).traffic.gather < traffic.gather);
}

TEST_CASE("a head's gradient may wait for the end of backward") {
  const LayerSetting sharded = setting({.data = 8, .zero = Zero::parameters});
  const Layer head = gpt_head(kHidden, 32000, kSequence);
  RuntimeLaws laws{.traffic = {.compute_slowdown = 1, .gather = ParameterGather::overlapped}};
  const Cluster cluster = a100_cluster(1, 8);
  const Seconds behind = layer_cost(head, sharded, with_laws(cluster, laws)).backward;
  laws.traffic.table_gradients = TableGradients::at_the_end;
  const Seconds waiting = layer_cost(head, sharded, with_laws(cluster, laws)).backward;
  const StateTraffic traffic = state_cost(head, parameter_units(head, 1), sharded, cluster).traffic;
  const Seconds pass = layer_passes(head, sharded, cluster).backward;
  REQUIRE(traffic.gather + traffic.reduce < pass);
  CHECK((waiting - behind).value == Approx(traffic.reduce.value));
}

TEST_CASE("beside the next forward what is longer than it is left of a gather") {
  const LayerSetting sharded = setting({.data = 8, .zero = Zero::optimizer});
  const RuntimeLaws beside{
      .traffic = {.compute_slowdown = 1, .gather = ParameterGather::overlapped}};
  const Cluster cluster = a100_cluster(1, 8);
  const LayerCost before = layer_cost(kBlock, sharded, with_laws(cluster, {}));
  const LayerCost hidden = layer_cost(kBlock, sharded, with_laws(cluster, beside));
  const Seconds gather =
      state_cost(kBlock, parameter_units(kBlock, 1), sharded, cluster).traffic.gather;
  REQUIRE(gather < hidden.forward);
  CHECK((before.optimizer - hidden.optimizer).value == Approx(gather.value));
}

TEST_CASE("copying gradients into their sum takes time in every micro-batch") {
  Cluster cluster = a100_cluster(1, 1);
  const Seconds before = layer_cost(kBlock, setting({}), cluster).backward;
  cluster.runtime.update[Precision::bf16]->accumulate = 18;
  const std::vector<ParameterUnit> units = parameter_units(kBlock, 1);
  const double bytes = 18.0 * static_cast<double>(units.front().elements);
  CHECK((layer_cost(kBlock, setting({}), cluster).backward - before).value ==
        Approx(bytes / 1.7e12 + 3e-6));
}

TEST_CASE("hidden sends leave their share exposed") {
  const ActivationShape activation{.tokens = 2048, .hidden = kHidden, .precision = Precision::bf16};
  const Cluster all = a100_cluster(2, 8);
  const Cluster hidden = with_laws(all, {.traffic = {.hidden_send_share = 0.8}});
  CHECK(transfer_time(activation, hidden).value ==
        Approx(transfer_time(activation, all).value * 0.2));
}

TEST_CASE("owners on several nodes broadcast one after the other, once per model") {
  const RuntimeLaws laws{.traffic = {.owner_broadcast = {2.6e-3}}};
  const Layer table = gpt_embedding(kHidden, 1024, kSequence);
  const LayerSetting sharded = setting({.data = 16, .zero = Zero::optimizer});
  const Cluster plain = a100_cluster(1, 16);
  const auto optimizer = [&](const Layer& layer, const Cluster& cluster) {
    return layer_cost(layer, sharded, cluster).optimizer.value;
  };
  CHECK(optimizer(table, with_laws(plain, laws)) - optimizer(table, plain) == Approx(16 * 2.6e-3));
  CHECK(optimizer(kBlock, with_laws(plain, laws)) == optimizer(kBlock, plain));
}

}  // namespace
}  // namespace galvatron
