// The matrix that `nvidia-smi topo -m` prints: how each pair of a node's devices meets.
#pragma once

#include <string>
#include <vector>

#include "planner/files/source.h"

namespace galvatron {

struct Topology {
  std::vector<std::string> devices{};  // GPU0, GPU1, ...
  // By row and column: X, NV12, PIX, PXB, PHB, NODE, SYS.
  std::vector<std::vector<std::string>> paths{};
  int networks = 0;  // rows of network cards

  bool operator==(const Topology&) const = default;
};

// Throws SpecError at a matrix that is none.
Topology read_topology(const std::string& path);
Topology read_topology(const Source& source);

// The fewest NVLinks between neighbours i and i + 1 (and the last and the first): what a ring over
// all devices goes through. 0 where a pair has none.
int links_of_ring(const Topology& topology);

}  // namespace galvatron
