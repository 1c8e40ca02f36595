// A plan: the schedule, the stages, a strategy per layer, and what was predicted for them.
//
// Self-contained: the executor needs nothing but this. Under `inputs` it also carries what it was
// made from, so that it can be checked and explained without other files.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cost_models/hardware.h"
#include "cost_models/memory.h"
#include "cost_models/model_profile.h"
#include "cost_models/precision.h"
#include "cost_models/runtime.h"
#include "cost_models/strategy.h"
#include "cost_models/units.h"
#include "planner/model/model.h"
#include "planner/plan/proof.h"

namespace galvatron {

// What is trained per step, whatever the plan.
struct Job {
  std::int64_t global_batch = 1;  // samples
  Precision precision = Precision::fp32;
  std::optional<double> clip_grad_norm{};
  bool dropout = true;  // as the model's config says; false after --no-dropout

  bool operator==(const Job&) const = default;
};

// What published runs use and `estimate` prices; no search chooses it and our executor refuses it.
// Beside these: recomputation `op`, and the precisions fp16 and fp8.
struct PricedOnly {
  int virtual_stages = 1;  // chunks of layers that each stage holds, interleaved
  int context = 1;         // ranks of a data group that share samples, tokens split between them
  int shard_group = 0;     // consecutive data ranks over which ZeRO shards; 0: all

  bool operator==(const PricedOnly&) const = default;
};

// Layers [first_layer, last_layer], inclusive, on devices [i D, (i+1) D).
struct StageRange {
  int first_layer = 0;
  int last_layer = 0;

  bool operator==(const StageRange&) const = default;
};

struct StagePrediction {
  Seconds seconds_per_micro_batch{};  // forward and backward, redistribution included
  MemoryParts memory{};

  bool operator==(const StagePrediction&) const = default;
};

struct Prediction {
  Seconds step{};         // simulated
  Seconds closed_form{};  // what the search minimises
  std::vector<StagePrediction> stages{};

  bool operator==(const Prediction&) const = default;
};

// Of the closed form, over the space and model named by the inputs.
struct Certificate {
  bool optimal = false;
  Seconds lower_bound{};
  double gap = 0;  // (closed form - lower bound) / closed form

  bool operator==(const Certificate&) const = default;
};

// One axis of the search pinned to some values, as `--only tensor=1,2` does.
struct AxisRestriction {
  std::string axis;
  std::vector<std::string> values;

  bool operator==(const AxisRestriction&) const = default;
};

struct SearchOptions {
  std::vector<AxisRestriction> only;
  double gap = 0.001;

  bool operator==(const SearchOptions&) const = default;
};

// What the plan was made from, after every override.
struct PlanInputs {
  Hardware hardware{};
  Runtime runtime{};
  std::optional<ModelProfile> profile{};  // measured layers of the model
  Bytes memory_budget{};
  Bytes memory_reserve{};
  SearchOptions search{};

  bool operator==(const PlanInputs&) const = default;
};

struct Plan {
  Model model{};
  Job job{};
  int devices = 1;
  std::int64_t micro_batches = 1;
  Schedule schedule = Schedule::one_f_one_b;
  std::vector<StageRange> stages{};
  std::vector<Strategy> strategies{};  // one per layer
  PricedOnly priced_only{};
  Prediction predicted{};
  std::optional<Certificate> certificate{};  // absent where nothing was searched (estimate)
  std::optional<PlanInputs> inputs{};
  std::optional<Proof> proof{};  // of the certificate's bound

  bool operator==(const Plan&) const = default;
};

inline int pipeline_degree(const Plan& plan) { return static_cast<int>(plan.stages.size()); }
inline int devices_per_stage(const Plan& plan) { return plan.devices / pipeline_degree(plan); }
inline std::int64_t samples_per_micro_batch(const Plan& plan) {
  return plan.job.global_batch / plan.micro_batches;
}

// The largest stage.
Bytes peak_bytes(const Plan& plan);

// The stage that holds `layer`.
int stage_of(const Plan& plan, int layer);

}  // namespace galvatron
