// Planning problems of the size of real ones, from a few lines of arithmetic.
//
// A transformer is [embedding, L blocks, head] on N devices in nodes of eight. Costs are those of a
// textbook (2 flops per parameter and token forward, rings for collectives), because the benchmark
// is about sizes and trade-offs, not about truth.
#pragma once

#include <cstdint>
#include <vector>

#include "planner/search/search.h"

namespace galvatron::search {

struct SyntheticModel {
  int blocks = 0;
  std::int64_t hidden = 0;
  std::int64_t sequence = 0;
  std::int64_t vocabulary = 0;
};

struct SyntheticCluster {
  std::int64_t devices = 0;
  Size memory = 0;
  double flops_per_s = 0;
  double inside_bytes_per_s = 0;  // per device within a node
  double across_bytes_per_s = 0;  // per device between nodes
};

struct SyntheticRequest {
  SyntheticModel model{};
  SyntheticCluster cluster{};
  std::int64_t batch = 0;
  int least_pipeline = 1;
};

// Every stage count that divides the devices and every number of micro-batches that divides the
// batch, under 1F1B.
std::vector<Candidate> synthetic_candidates(const SyntheticRequest& request);

}  // namespace galvatron::search
