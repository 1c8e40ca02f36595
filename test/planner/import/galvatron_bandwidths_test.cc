#include "planner/import/galvatron_bandwidths.h"

#include "planner/files/spec_error.h"
#include "test/catch.h"

namespace galvatron {
namespace {

GalvatronBandwidths read(const std::string& text) {
  return read_galvatron_bandwidths(make_source("bandwidth.json", text));
}

TEST_CASE("bandwidths are told by size and placement") {
  const GalvatronBandwidths found =
      read(R"({"allreduce_size_8_consec_1": 160.5, "allreduce_size_4_consec_0": 165,
               "pp_size_2": 147.3, "overlap_coe": 1.2})");
  CHECK(found.bus == std::map<int, BytesPerSecond>{{8, {160.5e9}}});
  CHECK(found.strided_bus == std::map<int, BytesPerSecond>{{4, {165e9}}});
  CHECK(found.sends.at(2).value == Approx(147.3e9));
  CHECK(found.overlap == 1.2);
}

TEST_CASE("times of collectives become samples") {
  const GalvatronBandwidths found =
      read(R"({"allreduce_size_8_16MB_time": 0.25, "all2all_size_4_1MB_time": 0.05})");
  REQUIRE(found.samples.size() == 2);
  CHECK(found.samples[0].collective ==
        Collective{.kind = CollectiveKind::all_reduce, .payload = 16 * kMiB});
  CHECK(found.samples[0].time.value == Approx(0.25e-3));
  CHECK(found.samples[1].collective.kind == CollectiveKind::all_to_all);
}

TEST_CASE("groups beyond a node are of the network") {
  const GalvatronBandwidths found =
      read(R"({"allreduce_size_16_consec_1": 40, "allreduce_size_8_consec_1": 160,
               "overlap_coe": 1.3})");
  const Hardware hardware =
      with_bandwidths(Hardware{.nodes = 2, .devices_per_node = 8}, found, "measured");
  CHECK(hardware.intra_node.bus == std::map<int, BytesPerSecond>{{8, {160e9}}});
  CHECK(hardware.inter_node.bus == std::map<int, BytesPerSecond>{{16, {40e9}}});
  CHECK(hardware.overlap.compute_slowdown == 1.3);
  CHECK(hardware.overlap.origin == "measured");
}

GalvatronBandwidths read_as(const std::string& name, const std::string& text) {
  return read_galvatron_bandwidths(make_source(name, text));
}

TEST_CASE("how many ranks a node has is read from the file's name") {
  const GalvatronBandwidths found =
      read_as("8gpus/allreduce_bandwidth_2nodes_4gpus_per_node.json",
              R"({"allreduce_size_8_consec_1": 40, "allreduce_size_4_consec_1": 160})");
  const Hardware hardware = with_bandwidths({}, found, "measured");
  CHECK(hardware.nodes == 2);
  CHECK(hardware.devices_per_node == 4);
  CHECK(hardware.intra_node.bus == std::map<int, BytesPerSecond>{{4, {160e9}}});
  CHECK(hardware.inter_node.bus == std::map<int, BytesPerSecond>{{8, {40e9}}});
}

TEST_CASE("stages that have nodes of their own send over the network") {
  const std::string rates = R"({"pp_size_2": 20, "pp_size_4": 140})";
  const Hardware two =
      with_bandwidths({}, read_as("p2p_bandwidth_2nodes_8gpus_per_node.json", rates), "measured");
  CHECK(two.inter_node.rate_per_device->value == Approx(20e9));
  CHECK(two.intra_node.rate_per_device->value == Approx(140e9));
  const Hardware one =
      with_bandwidths({}, read_as("p2p_bandwidth_1nodes_8gpus_per_node.json", rates), "measured");
  CHECK(!one.inter_node.rate_per_device);
  CHECK(one.intra_node.rate_per_device->value == Approx(20e9));
}

TEST_CASE("a measured rate counts before one that follows from times, whatever file comes first") {
  const GalvatronBandwidths rates = read(R"({"allreduce_size_8_consec_1": 160})");
  const GalvatronBandwidths times =
      read(R"({"allreduce_size_8_1MB_time": 0.1, "allreduce_size_8_1024MB_time": 10})");
  for (const GalvatronBandwidths& both : {joined(rates, times), joined(times, rates)}) {
    const Hardware hardware = with_bandwidths(Hardware{.devices_per_node = 8}, both, "measured");
    CHECK(hardware.intra_node.bus == std::map<int, BytesPerSecond>{{8, {160e9}}});
    CHECK(hardware.collectives->tables.size() == 1);
  }
}

TEST_CASE("times become tables of the groups as they meet the nodes") {
  const Hardware hardware = with_bandwidths(
      {},
      read_as("sp_time_2nodes_8gpus_per_node.json",
              R"({"allreduce_size_16_1MB_time": 0.5, "all2all_size_8_1MB_time": 0.1})"),
      "measured");
  REQUIRE(hardware.collectives);
  REQUIRE(hardware.collectives->tables.size() == 2);
  CHECK(hardware.collectives->tables[0].placement ==
        GroupPlacement{.ranks = 16, .nodes = 2, .ranks_per_node = 8});
  CHECK(hardware.collectives->tables[1].placement ==
        GroupPlacement{.ranks = 8, .nodes = 1, .ranks_per_node = 8});
}

std::string error_of(const std::string& text) {
  try {
    read(text);
  } catch (const SpecError& error) {
    return to_text(error.diagnostics().front());
  }
  return "";
}

TEST_CASE("keys of a model and unknown ones are refused at their place") {
  CHECK(error_of("{\"layertype_0_bsz8_seq2048\": 5.3}")
            .find("bandwidth.json:1:2: layertype_0_bsz8_seq2048 tells of a model: a hardware "
                  "profile has no place for it") == 0);
  CHECK(error_of("{\"allreduce_size_8\": 5}")
            .find("bandwidth.json:1:2: unknown key "
                  "allreduce_size_8, expected") == 0);
  CHECK(error_of("{\"chunks\": \"1,1\"}").find("bandwidth.json:1:2: unknown key chunks") == 0);
  CHECK(error_of("{\"pp_size_4\": 0}").find("pp_size_4 must be a positive number, got 0") !=
        std::string::npos);
  CHECK(error_of("{\"overlap_coe\": \"much\"}")
            .find("overlap_coe must be a positive number, got \"much\"") != std::string::npos);
}

}  // namespace
}  // namespace galvatron
