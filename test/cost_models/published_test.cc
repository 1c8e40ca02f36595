#include <map>

#include "cost_models/published_memory.h"
#include "cost_models/published_micro_batches.h"
#include "cost_models/published_stages.h"
#include "cost_models/published_time.h"
#include "test/catch.h"

namespace galvatron {
namespace {

// A layer of 1 ms per sample and 8 MiB of parameters. Four activations of 64 x 128 x 4 bytes pass
// over its tensor group: 1/8 MiB per sample.
PublishedLayer sample_layer() {
  return {.count = 4,
          .parameters_mib = 8,
          .forward_ms = 1,
          .tokens = 64,
          .hidden = 128,
          .activation_mib = {{1, 10}, {2, 6}, {4, 4}, {8, 3}}};
}

PublishedModel sample_model() {
  return {.name = "sample",
          .micro_batches = MicroBatchRule::swin,
          .other_states_mib = 40,
          .other_activation_mib = 2,
          .layers = {sample_layer()}};
}

PublishedCosts sample_costs() {
  return {.context_mib = 100,
          .compute_slowdown = 1.3,
          .traffic_slowdown = 1.3,
          .gathered_share = 0.025,
          .time_factor = 1,
          .unsharding_ms = 0.1,
          .ring_ms_per_mib = {{1, 8, 0.5},
                              {1, 4, 0.25, 0.75},
                              {1, 2, 0.5, 1.0},
                              {2, 4, 1.0},
                              {2, 2, 0.5, 1.0},
                              {4, 2, 1.0}}};
}

constexpr Strategy kData8{.data = 8};
constexpr Strategy kSharded8{.data = 8, .zero = Zero::parameters};
constexpr Strategy kTensor8{.tensor = 8};

double milliseconds(const Strategy& strategy, int pipeline, std::int64_t batch = 8) {
  const PublishedCosts costs = sample_costs();
  const PublishedModel model = sample_model();
  return published_layer_time(sample_layer(), strategy, {costs, model, pipeline, batch}).value *
         1e3;
}

double transition(const Strategy& from, const Strategy& to, int pipeline = 1) {
  const PublishedCosts costs = sample_costs();
  const PublishedModel model = sample_model();
  return published_transition_time(from, to, {costs, model, pipeline, 8}).value * 1e3;
}

}  // namespace

TEST_CASE("eight devices have 22 published strategies") {
  CHECK(published_strategies(8).size() == 11);
  CHECK(published_strategies(4).size() == 7);
  CHECK(published_strategies(2).size() == 3);
  CHECK(published_strategies(1) == std::vector<Strategy>{Strategy{}});
}

TEST_CASE("tensor parallelism adds its traffic to forward and backward") {
  // 1 ms forward, 2 ms backward; 2 x 7/8 x 8 samples x 1/8 MiB at 0.5 ms per MiB.
  CHECK(milliseconds(kTensor8, 1) == Approx(3 + 0.875));
}

TEST_CASE("gradients travel beside the backward pass, and ZeRO 3 adds half of them") {
  // 14 MiB take 7 ms. In the 2.6 ms of the slowed backward pass 2 ms worth of traffic passes.
  CHECK(milliseconds(kData8, 1) == Approx(1 + 2.6 + 5));
  CHECK(milliseconds(kSharded8, 1) == Approx(1 + 2.6 + 5 + 3.5));
  // 100 samples per rank: 9.1 ms of slowed traffic hide 7 ms of 200.
  CHECK(milliseconds(kData8, 1, 800) == Approx(100 + 9.1 + 193));
}

TEST_CASE("a stage holds its backward pass in parts, and left-over traffic once") {
  // b = 2: f = 2, g = 4 ms; v = 12 MiB at 1 ms. Per part 2 ms of compute beside 6 ms of traffic:
  // 2.6 ms slowed, 4 ms left over. One micro-batch on two stages takes all of f + g.
  const Strategy data4{.data = 4};
  CHECK(milliseconds(data4, 2) == Approx(2 + 2 * 2.6 + 4));
  const Strategy sharded4{.data = 4, .zero = Zero::parameters};
  CHECK(milliseconds(sharded4, 2) == Approx(2 + 2 * (2.6 + 4) + 6));
}

TEST_CASE("micro-batches keep stages busy") {
  // b = 16 under the rule of swin: m = 2, so that f + g = 48 ms take (8 + 2 - 1)/(8 x 2).
  CHECK(milliseconds(Strategy{}, 8, 16) == Approx(48 * 9.0 / 16));
}

TEST_CASE("the parts of a layer's time are what is computed, moved and waited for") {
  const PublishedCosts costs = sample_costs();
  const PublishedModel model = sample_model();
  const auto parts = [&](const Strategy& strategy, int pipeline, std::int64_t batch) {
    return published_layer_parts(sample_layer(), strategy, {costs, model, pipeline, batch});
  };
  CHECK(parts(kTensor8, 1, 8).compute.value == Approx(3e-3));
  CHECK(parts(kTensor8, 1, 8).tensor.value == Approx(0.875e-3));
  CHECK(parts(kTensor8, 1, 8).data == Seconds{});
  // 12.1 ms, of which 3 are computed.
  CHECK(parts(kSharded8, 1, 8).data.value == Approx(9.1e-3));
  CHECK(parts(kSharded8, 1, 8).bubble == Seconds{});
  // Of 48 ms each device computes an eighth; two micro-batches leave 7/16 of them in the bubble.
  CHECK(parts(Strategy{}, 8, 16).compute.value == Approx(6e-3));
  CHECK(parts(Strategy{}, 8, 16).bubble.value == Approx(21e-3));
}

TEST_CASE("where both degrees exceed 1 the order decides which group is near") {
  const Strategy near{.tensor = 2, .data = 4};
  const Strategy far{.tensor = 2, .data = 4, .order = Order::data_inner};
  // b = 2: f = 1, g = 2; v = 6 MiB at 0.75 or 0.25 ms; w = 1/4 MiB at 0.5 or 1 ms.
  CHECK(milliseconds(near, 1) == Approx(1 + 2.6 + (4.5 - 2) + 0.125));
  CHECK(milliseconds(far, 1) == Approx(1 + 1.95 + (2 - 1.5) + 0.25));
}

TEST_CASE("half of the backward pass overlaps where tensor degrees are not the smaller ones") {
  // t = 4, d = 2: b = 4, f = 1, g = 2; v = 2 MiB at 1 ms beside g/2 = 1 ms; w = 6/8 MiB at 0.25 ms.
  const Strategy strategy{.tensor = 4, .data = 2};
  CHECK(milliseconds(strategy, 1) == Approx(1 + 1 + 1.3 + 1 + 0.1875));
  PublishedLayer decoder = sample_layer();
  decoder.kind = PublishedLayerKind::decoder;
  const PublishedCosts costs = sample_costs();
  const PublishedModel model = sample_model();
  // Two thirds, and six activations instead of four.
  const double compute = 4.0 / 3;
  CHECK(published_layer_time(decoder, strategy, {costs, model, 1, 8}).value * 1e3 ==
        Approx(1 + 2 - compute + 1.3 * compute + (2 - compute) + 0.1875 * 1.5));
}

TEST_CASE("the rules for micro-batches are those of the models") {
  const PublishedCosts costs = sample_costs();
  PublishedModel model = sample_model();
  const auto count = [&](const Strategy& strategy, int pipeline, std::int64_t batch) {
    return published_micro_batches(strategy, {costs, model, pipeline, batch});
  };
  model.micro_batches = MicroBatchRule::bert;
  CHECK(count(kData8, 1, 64) == 1);
  CHECK(count({.tensor = 4}, 2, 10) == 2.5);
  CHECK(count({.data = 4}, 2, 20) == 2.5);
  CHECK(count({.data = 4}, 2, 24) == 2.75);
  CHECK(count({}, 8, 16) == 4);
  model.micro_batches = MicroBatchRule::vit;
  CHECK(count({.data = 4}, 2, 32) == 1);
  CHECK(count({.data = 4}, 2, 40) == 2);
  model.micro_batches = MicroBatchRule::t5;
  CHECK(count({.data = 4}, 2, 8) == 1);
  CHECK(count({}, 8, 8) == 3);
  CHECK(count({.data = 4}, 2, 16) == 2);
  model.micro_batches = MicroBatchRule::swin;
  for (const auto& [samples, expected] :
       std::map<int, int>{{8, 1}, {9, 2}, {31, 2}, {32, 3}, {96, 3}, {97, 4}}) {
    CHECK(count({}, 8, samples) == expected);
  }
}

TEST_CASE("samples move where the tensor group grows or lies otherwise") {
  const Strategy near{.tensor = 2, .data = 4};
  const Strategy far{.tensor = 2, .data = 4, .order = Order::data_inner};
  const Strategy wide{.tensor = 4, .data = 2};
  CHECK(transition(near, near) == 0);
  CHECK(transition(kTensor8, kData8) == 0);
  // (t-1)/t x 2 x 8/d samples at the later group's ring time.
  CHECK(transition(kData8, kTensor8) == Approx(7.0 / 8 * 2 * 8 * 0.5));
  CHECK(transition(near, far) == Approx(0.5 * 2 * 2 * 1.0));
  CHECK(transition(far, near) == Approx(0.5 * 2 * 2 * 0.5));
  CHECK(transition(wide, near) == 0);
  CHECK(transition(wide, far) == Approx(0.5 * 2 * 2 * 1.0));
}

TEST_CASE("giving up ZeRO 3 has a price, taking it up has none") {
  CHECK(transition(kSharded8, kData8) == Approx(0.1));
  CHECK(transition(kData8, kSharded8) == 0);
}

TEST_CASE("memory is counted in whole MiB") {
  const PublishedCosts costs = sample_costs();
  const PublishedModel model = sample_model();
  const PublishedSetting setting{costs, model, 1, 8};
  CHECK(total(published_layer_memory(sample_layer(), kData8, setting)) == (32 + 10) * kMiB);
  // 32 x (1/8 + 0.025) + 10 = 14.8
  const MemoryParts sharded = published_layer_memory(sample_layer(), kSharded8, setting);
  CHECK(total(sharded) == 15 * kMiB);
  CHECK(sharded.parameters == sharded.gradients);
  CHECK(sharded.optimizer == 2 * sharded.parameters);
  // 32/8 + 3 x 8
  CHECK(total(published_layer_memory(sample_layer(), kTensor8, setting)) == 28 * kMiB);
  // 40 + 2 x 8/8 + 100
  CHECK(total(published_other_memory(setting)) == 142 * kMiB);
  CHECK(published_other_memory(setting).context == 100 * kMiB);
}

TEST_CASE("layers of one type lie evenly, and each stage has what is beside them") {
  const PublishedCosts costs = sample_costs();
  const PublishedModel model = sample_model();
  const PublishedSetting setting{costs, model, 2, 8};
  const Strategy data4{.data = 4};
  CHECK(published_stage_begins({data4}, setting) == std::vector<int>{0, 2});
  const auto stages =
      published_stages({.stage_begins = {0, 2}, .strategies = std::vector<Strategy>(4, data4)},
                       setting, published_other_memory_place(model));
  REQUIRE(stages.size() == 2);
  CHECK(stages[0] == stages[1]);
  // 2 layers of 32 + 2 x 10 MiB; 40 + 2 x 8/4 + 100 MiB beside them.
  CHECK(total(stages[0].memory) == (2 * 52 + 144) * kMiB);
  CHECK(stages[0].time.value * 1e3 == Approx(2 * (2 + 5.2 + 4)));
}

TEST_CASE("layers of several types are laid out by their least memory, last stage first") {
  const PublishedCosts costs = sample_costs();
  PublishedModel model = sample_model();
  PublishedLayer large = sample_layer();
  large.parameters_mib = 33;
  large.count = 2;
  model.layers.push_back(large);
  // Small layers take 52, large ones 152, and 142 are beside them: 654 MiB or 327 a stage. Two
  // large ones leave 23, less than half of 52.
  CHECK(published_stage_begins({{.data = 4}}, {costs, model, 2, 8}) == std::vector<int>{0, 4});
  // 150 more beside them: 402 a stage, and the second takes two small ones too.
  model.other_states_mib += 150;
  CHECK(published_stage_begins({{.data = 4}}, {costs, model, 2, 8}) == std::vector<int>{0, 2});
  // However much lies beside the layers, the first stage holds one.
  model.other_states_mib += 10000;
  CHECK(published_stage_begins({{.data = 4}}, {costs, model, 2, 8}) == std::vector<int>{0, 1});
  CHECK(published_other_memory_place(model) == OtherMemory::on_first_stage);
}

}  // namespace galvatron
