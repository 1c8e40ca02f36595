#include "executor/train/run_start.h"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <system_error>

#include "executor/checkpoint/checkpoint_folder.h"
#include "executor/checkpoint/resume.h"
#include "executor/launch/exit_code.h"

namespace galvatron {
namespace {

void fill_first_weights(Trainer& trainer, const TrainOptions& options) {
  if (options.weights.empty()) {
    trainer.fill(random_weights(options.seed.value_or(0)));
    return;
  }
  const WeightFiles files = open_weights(options.weights);
  trainer.fill(stored_weights(files, trainer.graph()));
}

void refuse_foreign_checkpoints(const TrainOptions& options) {
  if (options.save.empty() || saved_steps(options.save).empty()) return;
  throw ExecutorError(
      ExitCode::usage,
      fmt::format("\"{}\" holds checkpoints of {} run: go on from them with --resume, or save to "
                  "another folder",
                  options.save, options.resume.empty() ? "an earlier" : "another"));
}

bool lies_in(const std::string& checkpoint, const std::string& folder) {
  namespace fs = std::filesystem;
  std::error_code missing;
  return fs::equivalent(fs::canonical(checkpoint).parent_path(), folder, missing);
}

void check_options(const TrainOptions& options, const TrainingState& saved) {
  if (!options.weights.empty()) {
    throw ExecutorError(ExitCode::usage, "--weights and --resume exclude each other");
  }
  if (options.seed && *options.seed != saved.seed) {
    throw ExecutorError(ExitCode::usage,
                        fmt::format("--seed is {}, the checkpoint's is {}: leave it out",
                                    *options.seed, saved.seed));
  }
  if (options.row_order != saved.row_order) {
    throw ExecutorError(ExitCode::usage, saved.row_order == RowOrder::shuffled
                                             ? "the checkpoint's run had --shuffle: give it again"
                                             : "the checkpoint's run had no --shuffle");
  }
}

RunStart resume_run(Trainer& trainer, Communicator& world, const TrainOptions& options) {
  const std::string speaker =
      world.size() > 1 ? fmt::format("rank {}: ", world.rank()) : std::string();
  const Checkpoint checkpoint =
      choose_checkpoint(options.resume, world, [&speaker](const std::string& message) {
        fmt::print(stderr, "galvatron-exec: {}{}\n", speaker, message);
      });
  const TrainingState& saved = checkpoint.manifest.state;
  check_options(options, saved);
  const bool saves_beside = lies_in(checkpoint.path, options.save);
  if (!saves_beside) refuse_foreign_checkpoints(options);
  trainer.fill(checkpoint);
  if (world.rank() == 0) {
    fmt::print(stderr, "galvatron-exec: going on from \"{}\" after step {}{}\n", checkpoint.path,
               saved.step,
               saved.step < options.steps
                   ? ""
                   : fmt::format(": nothing is left to do of --steps {}", options.steps));
  }
  const std::int64_t batch = trainer.plan().job.global_batch;
  return {.step = saved.step,
          .seed = saved.seed,
          .order = {.global_batch = batch,
                    .shuffle_seed = {},
                    .offset = saved.samples - saved.step * batch},
          .saves_beside = saves_beside};
}

}  // namespace

RunStart start_run(Trainer& trainer, Communicator& world, const TrainOptions& options) {
  RunStart start;
  if (options.resume.empty()) {
    refuse_foreign_checkpoints(options);
    fill_first_weights(trainer, options);
    start = {.step = 0,
             .seed = options.seed.value_or(0),
             .order = {.global_batch = trainer.plan().job.global_batch, .shuffle_seed = {}}};
  } else {
    start = resume_run(trainer, world, options);
  }
  if (options.row_order == RowOrder::shuffled) start.order.shuffle_seed = start.seed;
  return start;
}

}  // namespace galvatron
