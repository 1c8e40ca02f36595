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
  CHECK(error_of("{\"overlap_coe\": \"much\"}")
            .find("overlap_coe must be a positive number, got \"much\"") != std::string::npos);
}

}  // namespace
}  // namespace galvatron
