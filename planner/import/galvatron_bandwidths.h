// The hardware profiles of Hetu-Galvatron: JSON files of bandwidths, times and the overlap
// coefficient. A file is told by its keys:
//
//   allreduce_size_8_consec_1   GB/s of the bus: 8 ranks, consecutive (1) or strided (0)
//   pp_size_4                   GB/s of a send between neighbours of 4 stages
//   allreduce_size_8_16MB_time  ms of an all-reduce (allgather_, all2all_) of 16 MiB over 8 ranks
//   overlap_coe                 slowdown of computation and traffic beside each other
//
// How many ranks a node has stands in the name, allreduce_bandwidth_2nodes_8gpus_per_node.json.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cost_models/collective_fit.h"
#include "cost_models/hardware.h"
#include "planner/files/source.h"

namespace galvatron {

struct GalvatronBandwidths {
  std::map<int, BytesPerSecond> bus{};  // by ranks
  std::map<int, BytesPerSecond> strided_bus{};
  std::map<int, BytesPerSecond> sends{};    // by stages
  std::vector<CollectiveSample> samples{};  // placed as on one node
  std::optional<double> overlap{};
  std::optional<int> nodes{};  // as the file is named
  std::optional<int> devices_per_node{};
};

// Throws SpecError; a file of computation or memory, which tell of a model, is refused by name.
GalvatronBandwidths read_galvatron_bandwidths(const std::string& path);
GalvatronBandwidths read_galvatron_bandwidths(Source source);

// What both tell; where both tell the same thing, the second.
GalvatronBandwidths joined(GalvatronBandwidths first, const GalvatronBandwidths& second);

// The profile with what the files tell: times as tables, and links. Groups of more ranks than a
// node has are those across nodes; a measured rate counts before one that follows from times.
Hardware with_bandwidths(Hardware hardware, const GalvatronBandwidths& bandwidths,
                         const std::string& origin);

}  // namespace galvatron
