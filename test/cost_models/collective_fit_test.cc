#include "cost_models/collective_fit.h"

#include "test/catch.h"

namespace galvatron {
namespace {

constexpr Bytes kSmall{8};
constexpr Bytes kLarge{std::int64_t{1} << 30};

CollectiveSample sample(CollectiveKind kind, int ranks, Bytes payload, const Hardware& hardware) {
  const int node = hardware.devices_per_node;
  const GroupPlacement placement{
      .ranks = ranks, .nodes = (ranks + node - 1) / node, .ranks_per_node = std::min(ranks, node)};
  const Collective collective{.kind = kind, .payload = payload};
  return {.collective = collective,
          .placement = placement,
          .time = collective_time(collective, placement, hardware)};
}

Hardware cluster() {
  Hardware hardware{.name = "c", .nodes = 2, .devices_per_node = 8};
  hardware.intra_node.latency = {.base = {20e-6}, .per_rank = {3e-6}};
  hardware.intra_node.bus = {{2, {300e9}}, {8, {350e9}}};
  hardware.inter_node.latency = {.base = {30e-6}, .per_rank = {6e-6}};
  hardware.inter_node.bus = {{16, {90e9}}};
  return hardware;
}

TEST_CASE("links fitted to times that the law made are those of the law") {
  const Hardware truth = cluster();
  std::vector<CollectiveSample> samples;
  for (const int ranks : {2, 8, 16}) {
    for (const Bytes size : {kSmall, kLarge}) {
      samples.push_back(sample(CollectiveKind::all_reduce, ranks, size, truth));
    }
  }
  Hardware start{.nodes = 2, .devices_per_node = 8};
  start.inter_node.latency.per_rank = {6e-6 * 1.4142135623730951};
  const Hardware found = with_measured_links(start, samples, "measured");
  CHECK(found.intra_node.bus.at(2).value == Approx(300e9).epsilon(1e-3));
  CHECK(found.intra_node.bus.at(8).value == Approx(350e9).epsilon(1e-3));
  CHECK(found.intra_node.latency.base.value == Approx(20e-6).epsilon(1e-2));
  CHECK(found.intra_node.latency.per_rank.value == Approx(3e-6).epsilon(1e-2));
  CHECK(found.inter_node.bus.at(16).value == Approx(90e9).epsilon(1e-2));
  CHECK(found.inter_node.latency.base.value == Approx(30e-6).epsilon(1e-2));
  CHECK(found.intra_node.origin == "measured");
}

TEST_CASE("an all-gather's latency is the share of an all-reduce's that the law takes") {
  const Hardware truth = cluster();
  const std::vector<CollectiveSample> samples{sample(CollectiveKind::all_gather, 8, kSmall, truth),
                                              sample(CollectiveKind::all_gather, 8, kLarge, truth)};
  const Hardware found = with_measured_links(Hardware{.devices_per_node = 8}, samples, "m");
  CHECK(found.intra_node.latency.base.value == Approx(44e-6).epsilon(1e-2));
  CHECK(found.intra_node.bus.at(8).value == Approx(350e9).epsilon(1e-3));
}

TEST_CASE("what no sample tells of stays as it was") {
  const Hardware before = cluster();
  CHECK(with_measured_links(before, {}, "measured") == before);
  const std::vector<CollectiveSample> inside{sample(CollectiveKind::all_reduce, 8, kLarge, before)};
  CHECK(with_measured_links(before, inside, "measured").inter_node == before.inter_node);
}

TEST_CASE("a send gives the line rate that its efficiency reaches") {
  Hardware before = cluster();
  before.intra_node.efficiency = 0.5;
  const CollectiveSample send{.collective = {.kind = CollectiveKind::send, .payload = kLarge},
                              .placement = {.ranks = 2, .ranks_per_node = 2},
                              .time = {static_cast<double>(kLarge.value) / 100e9}};
  const Hardware found = with_measured_links(before, {send}, "measured");
  CHECK(found.intra_node.rate_per_device->value == Approx(200e9));
  CHECK(found.intra_node.bus == before.intra_node.bus);
}

}  // namespace
}  // namespace galvatron
