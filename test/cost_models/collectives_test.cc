#include "cost_models/collectives.h"

#include "test/catch.h"
#include "test/cost_models/sample_layers.h"

namespace galvatron {
namespace {

constexpr CollectiveKind kKinds[] = {CollectiveKind::all_reduce, CollectiveKind::all_gather,
                                     CollectiveKind::reduce_scatter, CollectiveKind::all_to_all};

double milliseconds(CollectiveKind kind, Bytes payload, const RankGroup& group,
                    const Hardware& hardware) {
  const GroupPlacement placement = placement_of(group, hardware.devices_per_node);
  return collective_time({.kind = kind, .payload = payload}, placement, hardware).value * 1e3;
}

// A node whose eight ranks reach half of the usual bus, on a network that collectives use badly.
Hardware omni_path() {
  Hardware hardware = a100(4);
  hardware.intra_node.bus[8] = {115e9};
  hardware.inter_node.rate_per_device = BytesPerSecond{6.25e9};
  hardware.inter_node.collective_efficiency = 0.22;
  return hardware;
}

TEST_CASE("collectives on A100s take the published times") {
  const Hardware hardware = a100(16);
  CHECK(milliseconds(CollectiveKind::all_reduce, 64 * kMiB, {.size = 8}, hardware) ==
        Approx(0.5954).epsilon(1e-4));
  CHECK(milliseconds(CollectiveKind::all_gather, 64 * kMiB, {.size = 8}, hardware) ==
        Approx(0.3133).epsilon(2e-4));
  CHECK(milliseconds(CollectiveKind::all_reduce, kGiB, {.size = 16, .stride = 8}, hardware) ==
        Approx(100.829).epsilon(1e-5));
  CHECK(milliseconds(CollectiveKind::all_reduce, kGiB, {.size = 64}, hardware) ==
        Approx(13.310).epsilon(1e-4));
}

TEST_CASE("collectives on an Omni-Path cluster take the published times") {
  CHECK(milliseconds(CollectiveKind::all_reduce, 64 * kMiB, {.size = 8}, omni_path()) ==
        Approx(1.0992).epsilon(1e-4));
  CHECK(milliseconds(CollectiveKind::reduce_scatter, kGiB, {.size = 8, .stride = 4}, omni_path()) ==
        Approx(341.70).epsilon(1e-4));
}

TEST_CASE("a collective on one rank is free") {
  for (const CollectiveKind kind : kKinds) {
    CHECK(milliseconds(kind, kGiB, {.size = 1}, a100(1)) == 0);
  }
}

TEST_CASE("a collective never beats the bandwidth bound and grows with its payload") {
  const Hardware hardware = a100(8);
  for (const CollectiveKind kind : kKinds) {
    for (const RankGroup& group : {RankGroup{.size = 2}, RankGroup{.size = 8},
                                   RankGroup{.size = 32}, RankGroup{.size = 8, .stride = 8}}) {
      double before = 0;
      for (Bytes payload = kKiB; payload <= kGiB; payload = payload * 4) {
        const double time = milliseconds(kind, payload, group, hardware);
        CHECK(time > before);
        // Every rank sends or receives at least (n-1)/n of the payload over a 300 GB/s port.
        const double bound =
            static_cast<double>(payload.value) * (group.size - 1) / group.size / 300e9 * 1e3;
        CHECK(time > bound);
        before = time;
      }
    }
  }
}

TEST_CASE("doubled rates and halved latencies halve every collective") {
  const Hardware hardware = a100(4);
  for (const CollectiveKind kind : kKinds) {
    for (const int size : {2, 3, 8, 32}) {
      const RankGroup group{.size = size};
      CHECK(milliseconds(kind, 3 * kMiB, group, twice_as_fast(hardware)) ==
            Approx(milliseconds(kind, 3 * kMiB, group, hardware) / 2));
    }
  }
}

TEST_CASE("a send inside the node and one over a network card take their own rates") {
  const Hardware hardware = a100(2);
  // 0.7 (34 + 2 x 5.5) us + 200 MB / 200 GB/s
  CHECK(milliseconds(CollectiveKind::send, Bytes{200'000'000}, {.size = 2}, hardware) ==
        Approx(1.0315));
  // 30 + 2 x 6 us + 200 MB / (0.8 x 25 GB/s)
  CHECK(milliseconds(CollectiveKind::send, Bytes{200'000'000}, {.size = 2, .stride = 8},
                     hardware) == Approx(10.042));
}

TEST_CASE("bus rates are linear between the measured counts and constant beyond them") {
  const std::map<int, BytesPerSecond> bus{{2, {100}}, {4, {200}}, {8, {220}}};
  CHECK(bus_rate(bus, 2).value == 100);
  CHECK(bus_rate(bus, 3).value == 150);
  CHECK(bus_rate(bus, 7).value == Approx(215));
  CHECK(bus_rate(bus, 64).value == 220);
  CHECK(bus_rate({{4, {200}}}, 2).value == 200);
}

TEST_CASE("groups with a stride inside a node use the strided bus where one was measured") {
  Hardware hardware = a100(1);
  const double before =
      milliseconds(CollectiveKind::all_reduce, kGiB, {.size = 4, .stride = 2}, hardware);
  CHECK(before == milliseconds(CollectiveKind::all_reduce, kGiB, {.size = 4}, hardware));
  hardware.intra_node.strided_bus = {{4, {8.7e9}}};
  // 34 + 4 x 5.5 us + 1.5 x 2^30 B / 8.7 GB/s
  CHECK(milliseconds(CollectiveKind::all_reduce, kGiB, {.size = 4, .stride = 2}, hardware) ==
        Approx(0.056 + 1.5 * 1073741824.0 / 8.7e6));
  CHECK(milliseconds(CollectiveKind::all_reduce, kGiB, {.size = 4}, hardware) == before);
}

TEST_CASE("the rate of a node is shared by its devices, and the lesser of both rates counts") {
  Hardware hardware = a100(2);
  const RankGroup group{.size = 2, .stride = 8};
  const double by_device = milliseconds(CollectiveKind::all_gather, kGiB, group, hardware);
  hardware.inter_node.rate_per_node = BytesPerSecond{200e9};
  CHECK(milliseconds(CollectiveKind::all_gather, kGiB, group, hardware) == Approx(by_device));
  hardware.inter_node.rate_per_node = BytesPerSecond{50e9};
  CHECK(milliseconds(CollectiveKind::all_gather, kGiB, group, hardware) > 3.9 * by_device);
  hardware.inter_node.rate_per_device.reset();
  CHECK(milliseconds(CollectiveKind::all_gather, kGiB, group, hardware) > 3.9 * by_device);
}

}  // namespace
}  // namespace galvatron
