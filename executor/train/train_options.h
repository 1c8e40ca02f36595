// How a plan is trained: everything that the plan itself leaves open.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cost_models/units.h"
#include "executor/communication/ledger.h"
#include "executor/data/batch_order.h"
#include "executor/device/device.h"
#include "executor/parameters/adamw.h"
#include "executor/train/learning_rate.h"
#include "executor/train/step_profile.h"
#include "executor/watch/whereabouts.h"

namespace galvatron {

enum class StepOutput { text, json, none };
enum class Progress { hidden, shown };

struct TrainOptions {
  DeviceKind device = DeviceKind::cpu;
  std::string data;  // [text:|safetensors:|llmc:|megatron:]PATH
  RowOrder row_order = RowOrder::as_stored;
  std::int64_t steps = 10;
  // Of initial weights, shuffling and dropout; absent: 0, or that of the checkpoint.
  std::optional<std::uint64_t> seed;
  LearningRate learning_rate;
  AdamW optimizer;
  std::string weights;         // folder of Hugging Face's safetensors; empty: drawn at random
  std::string export_weights;  // folder; empty: none
  std::string save;            // folder for checkpoints; empty: none
  std::optional<std::int64_t> save_every;  // steps; absent: only at the end and when asked to stop
  std::string resume;  // folder of checkpoints, or one of them; empty: from the start
  std::string log;     // JSON lines; empty: none
  StepOutput output = StepOutput::text;    // what rank 0 prints per step
  Progress progress = Progress::hidden;    // a line on standard error
  std::optional<StepRange> profile_steps;  // when their operations ran goes to the file `trace`
  std::string trace = "trace.json";
  std::optional<Bytes> memory_limit;   // of live tensors on a rank
  Ledger* ledger = nullptr;            // the world's: each step's is held against the plan
  Whereabouts* whereabouts = nullptr;  // told what the rank does; null: nobody asks
};

}  // namespace galvatron
