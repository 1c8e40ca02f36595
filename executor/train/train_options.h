// How a plan is trained: everything that the plan itself leaves open.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cost_models/units.h"
#include "executor/parameters/adamw.h"
#include "executor/train/learning_rate.h"

namespace galvatron {

enum class RowOrder { as_stored, shuffled };
enum class StepOutput { text, json };

struct TrainOptions {
  std::string data;  // [text:|safetensors:|llmc:|megatron:]PATH
  RowOrder row_order = RowOrder::as_stored;
  std::int64_t steps = 10;
  std::uint64_t seed = 0;  // of initial weights, shuffling and dropout
  LearningRate learning_rate;
  AdamW optimizer;
  std::string weights;         // folder of Hugging Face's safetensors; empty: drawn at random
  std::string export_weights;  // folder; empty: none
  std::string log;             // JSON lines; empty: none
  StepOutput output = StepOutput::text;  // what rank 0 prints per step
  std::optional<Bytes> memory_limit;     // of live tensors on a rank
};

}  // namespace galvatron
