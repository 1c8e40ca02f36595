// What rank 0 tells of a run: a line per step on standard output and in the log.
#pragma once

#include <cstdint>
#include <fstream>
#include <optional>

#include "executor/train/progress_bar.h"
#include "executor/train/step_record.h"
#include "executor/train/train_options.h"

namespace galvatron {

// Silent on all ranks but 0. A run that goes on adds to the log of the one before.
class StepReport {
 public:
  // Throws ExecutorError (bad input) if the log cannot be written.
  StepReport(int rank, const TrainOptions& options);

  void add(const StepRecord& record);

 private:
  void write_log(const StepRecord& record);

  bool speaks_;
  StepOutput output_;
  std::int64_t steps_;
  std::optional<std::ofstream> log_;
  std::optional<ProgressBar> progress_;
};

}  // namespace galvatron
