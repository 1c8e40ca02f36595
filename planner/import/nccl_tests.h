// The output of nccl-tests: the table that its programs print, or the file that they write with -J.
//
//   # Collective test starting: all_reduce_perf          since nccl-tests 2.17
//   # Using devices
//   #  Rank  0 Group  0 Pid 6899 on node-a device  0 [0000:04:00] NVIDIA H100 80GB HBM3
//   #       size    count   type  redop   root   time  algbw  busbw #wrong   time ...
//      134217728 33554432  float    sum     -1  700.0  191.7  191.7      0  701.0 ...
//
// Older versions have no redop, root or group. Times are those out of place. What a launcher puts
// before a line ("[1,0]<stdout>:" of Open MPI, "0: " of srun) does not matter, nor do other lines.
#pragma once

#include <string>
#include <vector>

#include "cost_models/collective_fit.h"
#include "planner/files/source.h"

namespace galvatron {

struct NcclTestsRun {
  std::string device{};  // as CUDA names it; empty where no devices are listed
  // Of the group that communicates (NCCL_TESTS_SPLIT makes several, all at once).
  int ranks = 0;
  int nodes = 0;           // 0 where no devices are listed: the ranks are told by the rates
  int ranks_per_node = 0;  // the fewest on any node
  std::vector<CollectiveSample> samples{};

  bool operator==(const NcclTestsRun&) const = default;
};

// All runs of all_reduce_perf, all_gather_perf, reduce_scatter_perf, alltoall_perf and
// sendrecv_perf in the file. Which of them it was stands before the table, also in the command that
// started it, or in the file's name. Throws SpecError at what is no such output, at a row that is
// none, and at a collective of one rank.
std::vector<NcclTestsRun> read_nccl_tests(const std::string& path);
std::vector<NcclTestsRun> read_nccl_tests_table(const Source& source);
std::vector<NcclTestsRun> read_nccl_tests_json(Source source);

// The run as one on nodes of so many devices: where the file does not say how its ranks meet the
// nodes they fill one after the other.
NcclTestsRun on_nodes_of(NcclTestsRun run, int devices_per_node);

}  // namespace galvatron
