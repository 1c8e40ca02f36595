// Small plans for the tests of planner/plan and everything above it.
#pragma once

#include <vector>

#include "planner/plan/plan.h"

namespace galvatron {

// GPT-2 with 16 words, 8 positions, width 8, 2 heads, MLP width 32 and tied embeddings: layers 0
// (embedding), 1 ... blocks, blocks + 1 (head). A block has 872 parameters, 48 of them token-local.
Model tiny_gpt2(int blocks);

// A device of 1 TFLOP/s and links of 1 GB/s, no latency anywhere: only proportions matter.
PlanInputs tiny_inputs(int devices);

// Stages of `layers_of_stage` layers each, one strategy for all layers, two samples of a
// micro-batch per data rank, not priced.
struct TinyShape {
  std::vector<int> layers_of_stage;
  Strategy strategy;
  std::int64_t micro_batches = 1;
};
Plan tiny_plan(const TinyShape& shape);

}  // namespace galvatron
