// What one step of training did, and how it is told: a line for people and a line of JSON.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cost_models/units.h"
#include "executor/memory/live_bytes.h"

namespace galvatron {

struct StepRecord {
  std::int64_t step = 0;  // from 1
  double loss = 0;        // mean over the targets of the global batch
  double grad_norm = 0;   // before clipping
  double learning_rate = 0;
  Seconds duration;
  std::int64_t samples = 0;
  std::int64_t tokens = 0;
  std::optional<double> utilization = {};  // of the devices' peak; absent where that is not known
  std::vector<CategoryBytes> stage_peaks;  // live bytes of the fullest rank of each, so far
  // Communications of all ranks, each as predicted; absent where nobody compared.
  std::optional<std::int64_t> ledger_entries = {};

  bool operator==(const StepRecord&) const = default;
};

Bytes peak_memory(const StepRecord& record);

// "step 12/60   loss 3.4567   norm 1.234   rate 1.00e-03   0.123 s   130 samples/s   4163 tokens/s
//  12.3 MiB   MFU 41.2 %"; MFU is model FLOPs utilization.
std::string text_line(const StepRecord& record, std::int64_t steps);

// One object: step, loss, grad_norm, learning_rate, step_seconds, samples_per_second,
// tokens_per_second, model_flops_utilization where it is known, peak_memory_bytes,
// stage_peak_memory_bytes, what that is for in stage_peak_by_category_bytes, and ledger_entries
// where they were compared.
std::string json_line(const StepRecord& record);

}  // namespace galvatron
