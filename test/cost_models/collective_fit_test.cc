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

TEST_CASE("a series that begins with large payloads tells the same line") {
  const Hardware truth = cluster();
  const std::vector<CollectiveSample> samples{
      sample(CollectiveKind::all_reduce, 8, Bytes{1 << 25}, truth),
      sample(CollectiveKind::all_reduce, 8, kLarge, truth)};
  const Hardware found = with_measured_links(Hardware{.devices_per_node = 8}, samples, "m");
  CHECK(found.intra_node.latency.base.value == Approx(44e-6).epsilon(1e-6));
  CHECK(found.intra_node.bus.at(8).value == Approx(350e9).epsilon(1e-6));
}

TEST_CASE("a line below zero starts at zero: a single size, or small payloads on a slower path") {
  const Hardware truth = cluster();
  CollectiveSample small = sample(CollectiveKind::all_reduce, 8, Bytes{1 << 25}, truth);
  const CollectiveSample large = sample(CollectiveKind::all_reduce, 8, kLarge, truth);
  small.time = Seconds{large.time.value / 64};  // half of its share, 1/32
  for (const std::vector<CollectiveSample>& samples : {std::vector{large}, {small, large}}) {
    const Hardware found = with_measured_links(Hardware{.devices_per_node = 8}, samples, "m");
    CHECK(found.intra_node.latency.base.value == 0);
    // Twice 7/8 of 1 GiB.
    CHECK(found.intra_node.bus.at(8).value ==
          Approx(1.75 * static_cast<double>(kLarge.value) / large.time.value));
  }
}

TEST_CASE("an all-to-all tells nothing of the bus that rings have") {
  const Hardware before = cluster();
  const std::vector<CollectiveSample> samples{
      sample(CollectiveKind::all_to_all, 8, kSmall, before),
      sample(CollectiveKind::all_to_all, 8, kLarge, before)};
  CHECK(with_measured_links(before, samples, "measured") == before);
}

TEST_CASE("measured times become tables, which take the place of older ones") {
  const Hardware truth = cluster();
  CollectiveSample once = sample(CollectiveKind::all_gather, 8, kLarge, truth);
  CollectiveSample again = once;
  once.time = Seconds{0.01};
  again.time = Seconds{0.03};
  const CollectiveSample small = sample(CollectiveKind::all_gather, 8, kSmall, truth);
  Hardware found = with_measured_tables(truth, {small}, "first");
  found = with_measured_tables(found, {once, small, again}, "second");
  REQUIRE(found.collectives);
  CHECK(found.collectives->origin == "second");
  REQUIRE(found.collectives->tables.size() == 1);
  const CollectiveTable& table = found.collectives->tables.front();
  CHECK(table.payload == std::vector{kSmall, kLarge});
  CHECK(table.time.median[1].value == Approx(0.02));
  CHECK(table.time.repetitions == std::vector{1, 2});
  CHECK(collective_time(once.collective, once.placement, found).value == Approx(0.02));
  CHECK(with_measured_tables(truth, {}, "none") == truth);
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
