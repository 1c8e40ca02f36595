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
  int networks = 0;  // network cards

  bool operator==(const Topology&) const = default;
};

// Throws SpecError at a matrix that is none.
Topology read_topology(const std::string& path);
Topology read_topology(const Source& source);

// The NVLinks over which each device takes part in a collective of all of them: 0 where no ring of
// NVLinks passes through all. Where pairs have links of their own, collectives use several rings
// and so all links of a device, of which it has at most 18; more in a row are those of switches,
// which every pair names.
int links_per_device(const Topology& topology);

}  // namespace galvatron
