#include "cost_models/model_profile.h"

#include "cost_models/layer_compute.h"
#include "cost_models/layer_passes.h"
#include "test/catch.h"
#include "test/cost_models/sample_layers.h"

namespace galvatron {
namespace {

constexpr std::int64_t kTokens = 128;

TimingCurve curve(const std::vector<double>& seconds) {
  TimingCurve times;
  for (const double time : seconds) append(times, {{time}, {time}, {time}, 5});
  return times;
}

// Forward times of the samples, backward twice that, selective recomputation a tenth.
ProfiledLayer measured(int tensor, const std::vector<std::int64_t>& samples,
                       const std::vector<double>& forward) {
  std::vector<double> backward, selective;
  for (const double time : forward) {
    backward.push_back(2 * time);
    selective.push_back(time / 10);
  }
  return {.type = "gpt_block",
          .tensor = tensor,
          .samples = samples,
          .forward = curve(forward),
          .backward = curve(backward),
          .selective = curve(selective)};
}

// 3 s per sample and 1 s besides on one rank; half the work and 2 s besides on each of four.
ModelProfile profile() {
  return {.model = "gpt",
          .layers = {measured(1, {1, 2, 8}, {4, 7, 25}), measured(4, {4, 32}, {5, 26})}};
}

ProfileQuery query(int tensor, double samples) {
  return {.type = "gpt_block", .tensor = tensor, .samples = samples};
}

Layer block() {
  Layer layer = gpt_block(512, 8, kTokens);
  layer.type = "gpt_block";
  return layer;
}

LayerSetting setting(int tensor, std::int64_t samples, Recompute recompute = Recompute::none) {
  return {.strategy = {.tensor = tensor, .data = 8 / tensor, .recompute = recompute},
          .group_tokens = samples * kTokens,
          .precision = Precision::bf16};
}

Cluster cluster_with(const ModelProfile& profile) {
  Cluster cluster = a100_cluster(1, 8);
  cluster.profile = profile;
  return cluster;
}

TEST_CASE("a measured point is what was measured") {
  const auto passes = profiled_passes(profile(), query(1, 2));
  REQUIRE(passes);
  CHECK(passes->forward.value == 7);
  CHECK(passes->backward.value == 14);
  CHECK(passes->selective->value == Approx(0.7));
  CHECK(passes->at == query(1, 2));
}

TEST_CASE("between samples a profile is linear") {
  // 7 + (25 - 7) (4 - 2) / (8 - 2)
  CHECK(profiled_passes(profile(), query(1, 4))->forward.value == Approx(13));
}

TEST_CASE("between degrees ranks have equal work") {
  // Two ranks with 8 samples do what one does with 4 (13 s) and each of four with 16
  // (5 + 21 (16 - 4) / 28 = 14 s); 2 lies halfway between 1 and 4.
  const auto passes = profiled_passes(profile(), query(2, 8));
  CHECK(passes->forward.value == Approx(13.5));
  CHECK(passes->at == query(2, 8));
}

TEST_CASE("beyond the grid a profile says which point is nearest") {
  const auto many = profiled_passes(profile(), query(1, 32));
  CHECK(many->at == query(1, 8));
  CHECK(many->forward.value == 25);
  // Equal work of eight ranks with 8 samples and of four with 4.
  CHECK(profiled_passes(profile(), query(8, 8))->at == query(4, 4));
}

TEST_CASE("a split that was not measured is scaled from one that was") {
  ProfileQuery split = query(4, 8);
  split.sequence_parallel = true;
  CHECK(profiled_passes(profile(), split)->at == query(4, 8));
}

TEST_CASE("a layer type that was not measured has no measured passes") {
  CHECK_FALSE(profiled_passes(profile(), {.type = "gpt_head"}));
  CHECK(holds(profile(), "gpt_block"));
  CHECK_FALSE(holds(profile(), "gpt_head"));
}

TEST_CASE("measured times take the place of the kernel laws") {
  const Cluster cluster = cluster_with(profile());
  const LayerCompute compute = layer_compute(block(), setting(1, 2), cluster);
  CHECK(compute.forward.value == 7);
  CHECK(compute.backward.value == 14);
  CHECK(compute.recompute.value == 0);
  CHECK(compute.source == LayerCompute::Source::profile);
  CHECK(layer_compute(block(), setting(1, 2, Recompute::full), cluster).recompute.value == 7);
  CHECK(layer_compute(block(), setting(1, 2, Recompute::selective), cluster).recompute.value ==
        Approx(0.7));
  // They hold what the host needs: nothing is added for launches.
  CHECK(layer_pass_parts(block(), setting(1, 2), cluster).forward.launch.value == 0);
}

TEST_CASE("beyond the grid the kernel laws scale the nearest point") {
  const Cluster laws = a100_cluster(1, 8);
  const double ratio = layer_compute(block(), setting(1, 32), laws).forward /
                       layer_compute(block(), setting(1, 8), laws).forward;
  CHECK(ratio > 1);
  CHECK(layer_compute(block(), setting(1, 32), cluster_with(profile())).forward.value ==
        Approx(25 * ratio));
}

TEST_CASE("without its layer a profile changes nothing") {
  Layer other = block();
  other.type = "another";
  CHECK(layer_compute(other, setting(1, 2), cluster_with(profile())) ==
        layer_compute(other, setting(1, 2), a100_cluster(1, 8)));
}

TEST_CASE("traffic of the tensor group comes on top of measured times") {
  const Cluster cluster = cluster_with(profile());
  const LayerPasses passes = layer_passes(block(), setting(4, 4), cluster);
  CHECK(passes.forward > layer_compute(block(), setting(4, 4), cluster).forward);
}

}  // namespace
}  // namespace galvatron
