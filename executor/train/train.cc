#include "executor/train/train.h"

#include <ATen/ops/full.h>
#include <fmt/format.h>

#include <chrono>
#include <cstring>
#include <optional>

#include "cost_models/model_flops.h"
#include "executor/checkpoint/save_checkpoint.h"
#include "executor/data/batch_order.h"
#include "executor/launch/exit_code.h"
#include "executor/launch/stop_signals.h"
#include "executor/parameters/export_weights.h"
#include "executor/run/op_phase.h"
#include "executor/train/check_outputs.h"
#include "executor/train/ledger_check.h"
#include "executor/train/memory_report.h"
#include "executor/train/row_limits.h"
#include "executor/train/run_start.h"
#include "executor/train/step_profile.h"
#include "executor/train/step_report.h"
#include "executor/train/trainer.h"
#include "planner/plan/placement.h"

namespace galvatron {
namespace {

// What one step reads: rows of the data set in the order of the run.
struct TrainingData {
  Dataset dataset;
  RunStart start;
};

StepInput step_input(const TrainingData& data, const TrainOptions& options, std::int64_t step) {
  const TargetCounts counts = count_targets(data.dataset, data.start.order, step);
  return {.step = step,
          .seed = data.start.seed,
          .learning_rate = learning_rate_at(options.learning_rate, step, options.steps),
          .targets = static_cast<double>(counts.targets),
          .next_sentence_targets = static_cast<double>(counts.next_sentence),
          .sample = [&data, step](std::int64_t number) {
            return read_row(data.dataset,
                            row_of_sample(data.dataset, data.start.order, step, number));
          }};
}

// Of the devices' peak, where the plan's hardware profile knows it.
std::optional<double> utilization(const Plan& plan, const LayerGraph& graph, Seconds step) {
  if (!plan.inputs) return std::nullopt;
  const auto peak = plan.inputs->hardware.device.peak[plan.job.precision];
  if (!peak) return std::nullopt;
  Flops work;
  for (int layer = 0; layer < layer_count(graph); ++layer) {
    work += training_flops(layer_at(graph, layer), plan.job.global_batch);
  }
  return work / (*peak * plan.devices) / step;
}

StepRecord run_step(Trainer& trainer, const StepInput& input) {
  const auto begin = std::chrono::steady_clock::now();
  const StepOutcome outcome = trainer.step(input);
  synchronize(trainer.device());
  const std::chrono::duration<double> duration = std::chrono::steady_clock::now() - begin;
  const Plan& plan = trainer.plan();
  return {.step = input.step + 1,
          .loss = outcome.loss,
          .grad_norm = outcome.grad_norm,
          .learning_rate = input.learning_rate,
          .duration = {duration.count()},
          .samples = plan.job.global_batch,
          .tokens = plan.job.global_batch * layer_at(trainer.graph(), 0).tokens_per_sample,
          .utilization = utilization(plan, trainer.graph(), {duration.count()}),
          .stage_peaks = {}};
}

MemoryParts predicted_memory(const Plan& plan, int rank) {
  const auto stage = static_cast<std::size_t>(stage_of_rank(plan, rank));
  return stage < plan.predicted.stages.size() ? plan.predicted.stages[stage].memory : MemoryParts{};
}

// The signal that any rank was asked to stop by, or 0: a scheduler may tell only some of them.
int agreed_stop(Communicator& world) {
  const at::Tensor received = at::full({1}, StopSignals::received(), at::kLong);
  world.all_reduce(received, ReduceOp::max);
  return static_cast<int>(received.item<std::int64_t>());
}

// One training run of this rank, from its start to its last step.
class Run {
 public:
  Run(Communicator& world, Trainer& trainer, const TrainOptions& options)
      : world_(world),
        trainer_(trainer),
        options_(options),
        data_{open_dataset(parse_data_source(options.data),
                           row_limits(trainer.plan().model, trainer.graph())),
              start_run(trainer, world, options)},
        report_(world.rank(), options) {
    if (data_.start.saves_beside) intact_ = data_.start.step;
    if (options.profile_steps) {
      check_profile_is_ahead();
      profile_.emplace(trainer.program(), stage_of_rank(trainer.plan(), world.rank()),
                       trainer.device());
    }
    trainer.observe([this](std::size_t op, Edge edge) { see(op, edge); });
  }

  std::vector<StepRecord> all_steps();

 private:
  void check_profile_is_ahead() const;
  void enter(Phase phase) {
    if (options_.whereabouts != nullptr) options_.whereabouts->enter(phase);
  }
  bool profiled() const {
    return profile_ && step_ >= options_.profile_steps->first &&
           step_ <= options_.profile_steps->last;
  }
  void see(std::size_t op, Edge edge);
  StepRecord one_step(std::int64_t step);
  void save_if_due(std::int64_t done);

  Communicator& world_;
  Trainer& trainer_;
  const TrainOptions& options_;
  TrainingData data_;
  StepReport report_;
  std::optional<std::int64_t> intact_;  // the step of the last good checkpoint where this run saves
  std::optional<StepProfile> profile_;
  std::int64_t step_ = 0;  // under way, from 1
};

void Run::check_profile_is_ahead() const {
  if (data_.start.step < options_.profile_steps->last) return;
  throw ExecutorError(ExitCode::usage,
                      fmt::format("--profile-steps ends at step {}, the run goes on after step {}",
                                  options_.profile_steps->last, data_.start.step));
}

void Run::see(std::size_t op, Edge edge) {
  if (edge == Edge::begin) enter(phase_of(trainer_.program()[op]));
  if (profiled()) profile_->mark(op, edge);
}

std::vector<StepRecord> Run::all_steps() {
  std::vector<StepRecord> records;
  for (std::int64_t step = data_.start.step; step < options_.steps; ++step) {
    records.push_back(one_step(step));
    report_.add(records.back());
    if (!options_.save.empty()) save_if_due(step + 1);
  }
  return records;
}

StepRecord Run::one_step(std::int64_t step) try {
  step_ = step + 1;
  if (options_.whereabouts != nullptr) options_.whereabouts->begin_step(step_);
  if (profiled()) profile_->begin(world_);
  if (options_.memory_limit) trainer_.live_bytes().set_limit(*options_.memory_limit);
  if (options_.ledger != nullptr) options_.ledger->clear();
  StepRecord record = run_step(trainer_, step_input(data_, options_, step));
  if (options_.ledger != nullptr) {
    record.ledger_entries =
        check_ledger(world_, options_.ledger->entries(),
                     expected_ledger(trainer_.plan(), trainer_.graph(), world_.rank()));
  }
  if (profiled() && step_ == options_.profile_steps->last) {
    profile_->write({.path = options_.trace, .plan = trainer_.plan(), .graph = trainer_.graph()},
                    world_);
  }
  record.stage_peaks = gather_stage_peaks(world_, trainer_.plan(), trainer_.live_bytes().at_peak());
  return record;
} catch (...) {
  rethrow_with_memory(trainer_.live_bytes(), predicted_memory(trainer_.plan(), world_.rank()));
}

void Run::save_if_due(std::int64_t done) {
  const int stop = agreed_stop(world_);
  const bool last = done == options_.steps;
  const bool due = options_.save_every && done % *options_.save_every == 0;
  if (!due && !last && stop == 0) return;
  enter(Phase::save);
  const TrainingState state{.step = done,
                            .samples = samples_before(data_.start.order, done),
                            .seed = data_.start.seed,
                            .row_order = options_.row_order};
  const std::string path = save_checkpoint({.plan = trainer_.plan(),
                                            .graph = trainer_.graph(),
                                            .folder = options_.save,
                                            .state = state,
                                            .before = intact_},
                                           trainer_.store(), world_);
  intact_ = done;
  if (stop == 0 || last) return;
  throw ExecutorError(ExitCode::preempted,
                      fmt::format("stopped by SIG{} after step {} of {}, saved \"{}\": go on with "
                                  "--resume",
                                  sigabbrev_np(stop), done, options_.steps, path));
}

}  // namespace

std::vector<StepRecord> train(Communicator& world, const Plan& plan, const BlockTable& blocks,
                              const TrainOptions& options) {
  if (options.whereabouts != nullptr) options.whereabouts->enter(Phase::loading);
  std::optional<StopSignals> stop_signals;  // where there is a folder to save to
  if (!options.save.empty()) stop_signals.emplace();
  Trainer trainer(world, plan, blocks, options.optimizer, current_device(options.device));
  check_outputs(options, world);
  Run run(world, trainer, options);
  std::vector<StepRecord> records = run.all_steps();
  if (!options.export_weights.empty()) {
    if (options.whereabouts != nullptr) options.whereabouts->enter(Phase::save);
    export_weights({.plan = plan, .graph = trainer.graph(), .folder = options.export_weights},
                   trainer.store(), world);
  }
  return records;
}

}  // namespace galvatron
