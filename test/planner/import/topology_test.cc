#include "planner/import/topology.h"

#include "planner/files/spec_error.h"
#include "test/catch.h"
#include "test/planner/files/temporary_folder.h"

namespace galvatron {
namespace {

constexpr const char* kNvSwitch =
    "\tGPU0\tGPU1\tNIC0\tCPU Affinity\tNUMA Affinity\n"
    "GPU0\t X \tNV12\tPXB\t0-31\t0\n"
    "GPU1\tNV12\t X \tPXB\t0-31\t0\n"
    "NIC0\tPXB\tPXB\t X \t\t\n"
    "\n"
    "Legend:\n\n  X    = Self\n";

TEST_CASE("a node on NVSwitch has its links between all neighbours") {
  const Topology topology = read_topology(make_source("topo.txt", kNvSwitch));
  CHECK(topology.devices == std::vector<std::string>{"GPU0", "GPU1"});
  CHECK(topology.paths == std::vector<std::vector<std::string>>{{"X", "NV12"}, {"NV12", "X"}});
  CHECK(topology.networks == 1);
  CHECK(links_of_ring(topology) == 12);
}

TEST_CASE("a ring is as good as its worst pair, and one over PCIe has no links") {
  const Topology mixed{.devices = {"GPU0", "GPU1", "GPU2"},
                       .paths = {{"X", "NV2", "NV1"}, {"NV2", "X", "NV2"}, {"NV1", "NV2", "X"}}};
  CHECK(links_of_ring(mixed) == 1);
  const Topology boards{.devices = {"GPU0", "GPU1"}, .paths = {{"X", "SYS"}, {"SYS", "X"}}};
  CHECK(links_of_ring(boards) == 0);
  CHECK(links_of_ring(Topology{.devices = {"GPU0"}, .paths = {{"X"}}}) == 0);
}

TEST_CASE("the underlined heading that nvidia-smi prints does not matter") {
  const TemporaryFolder folder;
  std::string text = kNvSwitch;
  text = "\x1b[4m" + text.insert(text.find('\n'), "\x1b[0m");
  const Topology topology = read_topology(folder.write("topo.txt", text));
  CHECK(topology == read_topology(make_source("topo.txt", kNvSwitch)));
}

std::string error_of(const std::string& text) {
  try {
    read_topology(make_source("topo.txt", text));
  } catch (const SpecError& error) {
    return to_text(error.diagnostics().front());
  }
  return "";
}

TEST_CASE("a matrix that is none is refused at its line") {
  CHECK(error_of("nothing\n") ==
        "topo.txt:1:1: must hold the matrix of nvidia-smi topo -m, found no GPU0\n  nothing\n  ^");
  CHECK(error_of("\tGPU0\tGPU1\nGPU0\tX\tFAST\nGPU1\tX\tX\n") ==
        "topo.txt:2:8: a path must be X, NV with a number, PIX, PXB, PHB, NODE or SYS, found FAST\n"
        "  GPU0\tX\tFAST\n      \t \t^");
  CHECK(error_of("\tGPU0\tGPU1\nGPU0\tX\n")
            .find("topo.txt:2:1: the row of GPU0 must have a path "
                  "to each of the 2 devices, found 1") == 0);
  CHECK(error_of("\tGPU0\tGPU1\nGPU0\tX\tNV4\n")
            .find("must have a row for each of the 2 devices, found 1") != std::string::npos);
}

}  // namespace
}  // namespace galvatron
