// The output of nccl-tests: the table that it prints, or the file that it writes with -J.
#pragma once

#include <string>
#include <vector>

#include "cost_models/collective_fit.h"
#include "planner/files/source.h"

namespace galvatron {

struct NcclTestsRun {
  std::string device{};  // as CUDA names it; empty where the file lists none
  int ranks = 0;
  int nodes = 0;
  std::vector<CollectiveSample> samples{};  // out of place
};

// One run of all_reduce_perf, all_gather_perf, reduce_scatter_perf, alltoall_perf or sendrecv_perf.
// Which of them it was stands in the file since nccl-tests 2.17; before, its name must say so.
// Throws SpecError at what is no such output, or a row that is none.
NcclTestsRun read_nccl_tests(const std::string& path);
NcclTestsRun read_nccl_tests_table(const Source& source);
NcclTestsRun read_nccl_tests_json(Source source);

}  // namespace galvatron
