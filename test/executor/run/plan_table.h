// The plans that the executor is tested with, as a table one can read.
#pragma once

#include <string>
#include <vector>

#include "planner/plan/plan.h"

namespace galvatron {

enum class TinyModel { gpt2, llama };

// A run of layers reads "t4 sp z3 full di": tensor degree, sequence parallelism, ZeRO stage,
// recomputation (none unless named), order data_inner; tensor 1 and ZeRO 0 where nothing is said.
// What a stage lists is repeated until its layers have each taken one.
struct PlanRow {
  std::string name;
  TinyModel model = TinyModel::gpt2;
  int devices = 1;
  std::vector<int> stage_layers;  // eight in all: embedding, six blocks, head
  std::int64_t micro_batches = 1;
  Schedule schedule = Schedule::one_f_one_b;
  std::string ends;                              // embedding and head
  std::vector<std::vector<std::string>> blocks;  // per stage
};

inline constexpr std::int64_t kGlobalBatch = 16;
inline constexpr int kTinyLayers = 8;

const std::vector<PlanRow>& plan_rows();

// GPT-2 has tied tables and dropout, Llama untied ones and fewer key-value heads than heads.
Model tiny_model(TinyModel model);

Plan make_plan(const PlanRow& row);

// The same model and job on one device, in one micro-batch.
Plan single_process_plan(TinyModel model);

}  // namespace galvatron
