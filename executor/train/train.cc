#include "executor/train/train.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <optional>

#include "executor/data/batch_order.h"
#include "executor/launch/exit_code.h"
#include "executor/parameters/export_weights.h"
#include "executor/train/memory_report.h"
#include "executor/train/row_limits.h"
#include "executor/train/trainer.h"
#include "planner/plan/placement.h"

namespace galvatron {
namespace {

// What one step reads: rows of the data set in the order of the run.
struct TrainingData {
  Dataset dataset;
  BatchOrder order;
};

TrainingData open_data(const Plan& plan, const LayerGraph& graph, const TrainOptions& options) {
  TrainingData data{
      .dataset = open_dataset(parse_data_source(options.data), row_limits(plan.model, graph)),
      .order = {.global_batch = plan.job.global_batch, .shuffle_seed = {}}};
  if (options.row_order == RowOrder::shuffled) data.order.shuffle_seed = options.seed;
  return data;
}

StepInput step_input(const TrainingData& data, const TrainOptions& options, std::int64_t step) {
  const TargetCounts counts = count_targets(data.dataset, data.order, step);
  return {.step = step,
          .seed = options.seed,
          .learning_rate = learning_rate_at(options.learning_rate, step, options.steps),
          .targets = static_cast<double>(counts.targets),
          .next_sentence_targets = static_cast<double>(counts.next_sentence),
          .sample = [&data, step](std::int64_t number) {
            return read_row(data.dataset, row_of_sample(data.dataset, data.order, step, number));
          }};
}

void fill_weights(Trainer& trainer, const TrainOptions& options) {
  if (options.weights.empty()) {
    trainer.fill(random_weights(options.seed));
    return;
  }
  const WeightFiles files = open_weights(options.weights);
  trainer.fill(stored_weights(files, trainer.graph()));
}

// Where rank 0 tells what happens; silent on the others.
class Report {
 public:
  Report(int rank, const TrainOptions& options)
      : speaks_(rank == 0), output_(options.output), steps_(options.steps) {
    if (!speaks_ || options.log.empty()) return;
    log_.emplace(options.log);
    if (!*log_) {
      throw ExecutorError(ExitCode::bad_input,
                          fmt::format("cannot write the log \"{}\"", options.log));
    }
  }

  void add(const StepRecord& record) {
    if (!speaks_) return;
    fmt::print("{}\n", output_ == StepOutput::json ? json_line(record) : text_line(record, steps_));
    std::fflush(stdout);
    if (log_) *log_ << json_line(record) << std::endl;
  }

 private:
  bool speaks_;
  StepOutput output_;
  std::int64_t steps_;
  std::optional<std::ofstream> log_;
};

StepRecord run_step(Trainer& trainer, const StepInput& input) {
  const auto begin = std::chrono::steady_clock::now();
  const StepOutcome outcome = trainer.step(input);
  const std::chrono::duration<double> duration = std::chrono::steady_clock::now() - begin;
  const Plan& plan = trainer.plan();
  return {.step = input.step + 1,
          .loss = outcome.loss,
          .grad_norm = outcome.grad_norm,
          .learning_rate = input.learning_rate,
          .duration = {duration.count()},
          .samples = plan.job.global_batch,
          .tokens = plan.job.global_batch * layer_at(trainer.graph(), 0).tokens_per_sample,
          .stage_peaks = {}};
}

MemoryParts predicted_memory(const Plan& plan, int rank) {
  const auto stage = static_cast<std::size_t>(stage_of_rank(plan, rank));
  return stage < plan.predicted.stages.size() ? plan.predicted.stages[stage].memory : MemoryParts{};
}

}  // namespace

std::vector<StepRecord> train(Communicator& world, const Plan& plan, const BlockTable& blocks,
                              const TrainOptions& options) {
  Trainer trainer(world, plan, blocks, options.optimizer);
  const TrainingData data = open_data(plan, trainer.graph(), options);
  fill_weights(trainer, options);
  Report report(world.rank(), options);
  std::vector<StepRecord> records;
  for (std::int64_t step = 0; step < options.steps; ++step) {
    const StepInput input = step_input(data, options, step);
    StepRecord record = run_step(trainer, input);
    const CategoryBytes peak = trainer.live_bytes().at_peak();
    if (options.memory_limit) {
      check_memory_limit(peak, predicted_memory(plan, world.rank()), *options.memory_limit);
    }
    record.stage_peaks = gather_stage_peaks(world, plan, peak.total());
    report.add(record);
    records.push_back(std::move(record));
  }
  if (!options.export_weights.empty()) {
    export_weights({.plan = plan, .graph = trainer.graph(), .folder = options.export_weights},
                   trainer.store(), world);
  }
  return records;
}

}  // namespace galvatron
