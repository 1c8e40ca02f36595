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
  CHECK(links_per_device(topology) == 12);
}

TEST_CASE("a matrix whose tabs have become spaces reads the same") {
  std::string text = kNvSwitch;
  for (std::size_t tab = text.find('\t'); tab != std::string::npos; tab = text.find('\t')) {
    text.replace(tab, 1, "    ");
  }
  CHECK(read_topology(make_source("topo.txt", text)) ==
        read_topology(make_source("topo.txt", kNvSwitch)));
}

// As nvidia-smi prints it on a machine of two pairs, with what newer drivers add.
constexpr const char* kPairs =
    "\tGPU0\tGPU1\tGPU2\tGPU3\tmlx5_0\tmlx5_bond_1\tCPU Affinity\tNUMA Affinity\tGPU NUMA ID\r\n"
    "GPU0\t X \tNV4\tSYS\tSYS\tPIX\tSYS\t0-31,64-95\t0\t\tN/A\r\n"
    "GPU1\tNV4\t X \tSYS\tSYS\tPHB\tSYS\t0-31,64-95\t0\t\tN/A\r\n"
    "GPU2\tSYS\tSYS\t X \tNV4\tSYS\tNODE\t32-63,96-127\t1\t\tN/A\r\n"
    "GPU3\tSYS\tSYS\tNV4\t X \tSYS\tPXB\t32-63,96-127\t1\t\tN/A\r\n"
    "mlx5_0\tPIX\tPHB\tSYS\tSYS\t X \tSYS\r\n"
    "mlx5_bond_1\tSYS\tSYS\tNODE\tPXB\tSYS\t X \r\n"
    "\r\nLegend:\r\n\r\n  X    = Self\r\n\r\nNIC Legend:\r\n\r\n  NIC0: mlx5_0\r\n";

TEST_CASE("cards of any name are counted, and pairs that no ring of links joins have none") {
  const Topology topology = read_topology(make_source("topo.txt", kPairs));
  CHECK(topology.devices.size() == 4);
  CHECK(topology.networks == 2);
  CHECK(links_per_device(topology) == 0);
}

Topology matrix(const std::vector<std::vector<std::string>>& paths) {
  Topology topology{.paths = paths};
  for (std::size_t i = 0; i < paths.size(); ++i) {
    topology.devices.push_back("GPU" + std::to_string(i));
  }
  return topology;
}

TEST_CASE("where pairs have links of their own a device uses all that it has") {
  CHECK(links_per_device(matrix({{"X", "NV4"}, {"NV4", "X"}})) == 4);
  // Four A100 on one board: 12 links each.
  CHECK(links_per_device(matrix({{"X", "NV4", "NV4", "NV4"},
                                 {"NV4", "X", "NV4", "NV4"},
                                 {"NV4", "NV4", "X", "NV4"},
                                 {"NV4", "NV4", "NV4", "X"}})) == 12);
  // Eight V100: 0 and 5 do not meet, nor do 3 and 4, but six links leave each.
  CHECK(links_per_device(matrix({{"X", "NV1", "NV1", "NV2", "NV2", "SYS", "SYS", "SYS"},
                                 {"NV1", "X", "NV2", "NV1", "SYS", "NV2", "SYS", "SYS"},
                                 {"NV1", "NV2", "X", "NV2", "SYS", "SYS", "NV1", "SYS"},
                                 {"NV2", "NV1", "NV2", "X", "SYS", "SYS", "SYS", "NV1"},
                                 {"NV2", "SYS", "SYS", "SYS", "X", "NV1", "NV1", "NV2"},
                                 {"SYS", "NV2", "SYS", "SYS", "NV1", "X", "NV2", "NV1"},
                                 {"SYS", "SYS", "NV1", "SYS", "NV1", "NV2", "X", "NV2"},
                                 {"SYS", "SYS", "SYS", "NV1", "NV2", "NV1", "NV2", "X"}})) == 6);
}

TEST_CASE("links through switches are those of every pair") {
  CHECK(links_per_device(
            matrix({{"X", "NV18", "NV18"}, {"NV18", "X", "NV18"}, {"NV18", "NV18", "X"}})) == 18);
}

TEST_CASE("a device alone, and devices that PCIe joins, have no links") {
  CHECK(links_per_device(matrix({{"X", "SYS"}, {"SYS", "X"}})) == 0);
  CHECK(links_per_device(matrix({{"X"}})) == 0);
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
