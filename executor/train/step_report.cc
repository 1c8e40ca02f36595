#include "executor/train/step_report.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "executor/launch/exit_code.h"

namespace galvatron {

StepReport::StepReport(int rank, const TrainOptions& options)
    : speaks_(rank == 0), output_(options.output), steps_(options.steps) {
  if (!speaks_) return;
  if (options.progress == Progress::shown) progress_.emplace(options.steps);
  if (options.log.empty()) return;
  log_.emplace(options.log, options.resume.empty() ? std::ios::trunc : std::ios::app);
  if (!*log_) {
    throw ExecutorError(ExitCode::bad_input,
                        fmt::format("cannot write the log \"{}\"", options.log));
  }
}

// A run is worth more than its log.
void StepReport::write_log(const StepRecord& record) {
  *log_ << json_line(record) << std::endl;
  if (*log_) return;
  fmt::print(stderr, "galvatron-exec: cannot write the log: {}; it ends before step {}\n",
             std::strerror(errno), record.step);
  log_.reset();
}

void StepReport::add(const StepRecord& record) {
  if (!speaks_) return;
  if (progress_) progress_->clear();
  switch (output_) {
    case StepOutput::text:
      fmt::print("{}\n", text_line(record, steps_));
      break;
    case StepOutput::json:
      fmt::print("{}\n", json_line(record));
      break;
    case StepOutput::none:
      break;
  }
  std::fflush(stdout);
  if (log_) write_log(record);
  if (progress_) progress_->show(record.step, record.duration);
}

}  // namespace galvatron
