#include "executor/cli/train_arguments.h"

#include <fmt/format.h>

#include "executor/cli/named_arguments.h"
#include "executor/cli/number_checks.h"
#include "planner/files/quantity.h"

namespace galvatron {
namespace {

constexpr const char* kDescription =
    "Example:\n"
    "  galvatron-exec train plan.yaml --local --data text:book.txt --steps 100\n"
    "  mpirun -n 4 galvatron-exec train plan.yaml --data safetensors:rows.safetensors\n\n"
    "Trains the plan's model: one process per device of the plan.";

void add_run_options(CLI::App& app, TrainArguments& arguments) {
  TrainOptions& options = arguments.options;
  app.add_option("--data", options.data, "[text:|safetensors:|llmc:|megatron:]PATH")->required();
  app.add_flag("--shuffle", arguments.shuffle, "a new order of the rows per epoch");
  app.add_option("--steps", options.steps, "optimizer updates")
      ->capture_default_str()
      ->check(above_zero());
  app.add_option("--seed", options.seed, "of weights, shuffling and dropout (default 0)");
  app.add_option("--weights", options.weights, "folder of Hugging Face safetensors to start from");
  app.add_option("--export-weights", options.export_weights, "folder to write the weights to");
  CLI::Option* const save =
      app.add_option("--save", options.save, "folder for checkpoints, seen by all ranks");
  app.add_option("--save-every", options.save_every,
                 "steps between checkpoints; one is saved at the end in any case")
      ->check(above_zero())
      ->needs(save);
  app.add_option("--resume", options.resume,
                 "go on from the newest intact checkpoint of this folder, under any plan");
  app.add_option("--peer-timeout", arguments.peer_timeout,
                 "seconds until a rank that does not answer ends the run")
      ->capture_default_str()
      ->check(CLI::Range(0.5, 86400.0));
  app.add_option("--log", options.log, "a line of JSON per step");
  app.add_flag("--progress", arguments.progress,
               "a line on standard error that says how far the run is; on a terminal it is there "
               "anyway");
  CLI::Option* const profile_steps =
      app.add_option("--profile-steps", arguments.profile_steps,
                     "A:B, record when the operations of these steps ran");
  app.add_option("--trace", options.trace, "where to: a Chrome trace, for ui.perfetto.dev")
      ->capture_default_str()
      ->needs(profile_steps);
  app.add_flag("--check-ledger", arguments.check_ledger,
               "compare each step's communication with the plan's, entry by entry, on every rank");
  app.add_option("--memory-limit", arguments.memory_limit,
                 "end with code 23 beyond this many bytes per rank, e.g. 2GiB");
}

void add_optimizer_options(CLI::App& app, TrainArguments& arguments) {
  LearningRate& rate = arguments.options.learning_rate;
  AdamW& optimizer = arguments.options.optimizer;
  const CLI::Range fraction(0.0, 1.0);
  app.add_option("--learning-rate", rate.peak)->capture_default_str()->check(above_zero());
  app.add_option("--learning-rate-schedule", arguments.schedule, "constant or cosine")
      ->capture_default_str();
  app.add_option("--warmup-steps", rate.warmup_steps)->check(not_negative());
  app.add_option("--min-learning-rate", rate.minimum, "where the cosine ends")
      ->check(not_negative());
  app.add_option("--beta1", optimizer.beta1)->capture_default_str()->check(fraction);
  app.add_option("--beta2", optimizer.beta2)->capture_default_str()->check(fraction);
  app.add_option("--epsilon", optimizer.epsilon)->capture_default_str()->check(not_negative());
  app.add_option("--weight-decay", optimizer.weight_decay)
      ->capture_default_str()
      ->check(not_negative());
  app.add_option("--clip-grad-norm", arguments.clip_grad_norm, "instead of the plan's")
      ->check(above_zero());
  app.add_flag("--no-dropout", arguments.no_dropout, "instead of the plan's");
}

}  // namespace

CLI::App* add_train_command(CLI::App& app, TrainArguments& arguments) {
  CLI::App* train = app.add_subcommand("train", kDescription);
  train->add_option("plan", arguments.plan, "a plan of galvatron")->required();
  train->add_flag("--local", arguments.local, "start the plan's ranks on this machine");
  train->add_option("--device", arguments.device, "cpu or cuda")->capture_default_str();
  train->add_option("--transport", arguments.transport,
                    "mpi, or nccl between GPUs: the default there");
  train->add_flag("--tf32", arguments.tf32, "multiply fp32 matrices as TF32, on a GPU");
  train->add_flag("--json", arguments.json, "print JSON, errors too");
  add_run_options(*train, arguments);
  add_optimizer_options(*train, arguments);
  return train;
}

namespace {

StepRange parse_steps(const std::string& text) {
  const std::size_t colon = text.find(':');
  const auto first = parse_integer(text.substr(0, colon));
  const auto last = colon == std::string::npos ? first : parse_integer(text.substr(colon + 1));
  if (!first || !last || *first < 1 || *last < *first) {
    throw ExecutorError(ExitCode::usage,
                        fmt::format("--profile-steps must be A:B with 1 <= A <= B, got {}", text));
  }
  return {.first = *first, .last = *last};
}

}  // namespace

RankSetup rank_setup(const TrainArguments& arguments) {
  const DeviceKind device = device_argument(arguments.device);
  if (arguments.tf32 && device == DeviceKind::cpu) {
    throw ExecutorError(ExitCode::usage, "--tf32 needs --device cuda");
  }
  return {.form = output_form(arguments),
          .device = device,
          .transport = transport_argument(arguments.transport, device),
          .products = arguments.tf32 ? Fp32Products::tf32 : Fp32Products::fp32,
          .peer_timeout = Seconds{arguments.peer_timeout}};
}

TrainOptions train_options(const TrainArguments& arguments) {
  TrainOptions options = arguments.options;
  options.device = rank_setup(arguments).device;
  const auto schedule = value_of(kLearningRateScheduleNames, arguments.schedule);
  if (!schedule) {
    throw ExecutorError(ExitCode::usage,
                        fmt::format("--learning-rate-schedule must be constant or cosine, got {}",
                                    arguments.schedule));
  }
  options.learning_rate.schedule = *schedule;
  if (*schedule == LearningRateSchedule::constant && options.learning_rate.minimum > 0) {
    throw ExecutorError(ExitCode::usage,
                        "--min-learning-rate needs --learning-rate-schedule cosine");
  }
  if (arguments.shuffle) options.row_order = RowOrder::shuffled;
  if (arguments.json) options.output = StepOutput::json;
  if (arguments.progress) options.progress = Progress::shown;
  if (!arguments.profile_steps.empty()) {
    options.profile_steps = parse_steps(arguments.profile_steps);
    if (options.profile_steps->last > options.steps) {
      throw ExecutorError(ExitCode::usage,
                          fmt::format("--profile-steps must end within --steps {}, got {}",
                                      options.steps, arguments.profile_steps));
    }
  }
  if (!arguments.memory_limit.empty()) {
    options.memory_limit = parse_bytes(arguments.memory_limit);
    if (!options.memory_limit) {
      throw ExecutorError(
          ExitCode::usage,
          fmt::format("--memory-limit must be a size like 2GiB, got {}", arguments.memory_limit));
    }
  }
  return options;
}

Plan with_overrides(Plan plan, const TrainArguments& arguments,
                    const std::function<void(const std::string&)>& note) {
  if (arguments.clip_grad_norm && arguments.clip_grad_norm != plan.job.clip_grad_norm) {
    note(fmt::format("clipping the gradient norm at {}, the plan says {}",
                     *arguments.clip_grad_norm,
                     plan.job.clip_grad_norm ? number_text(*plan.job.clip_grad_norm) : "none"));
    plan.job.clip_grad_norm = arguments.clip_grad_norm;
  }
  if (arguments.no_dropout && plan.job.dropout) {
    note("training without dropout, the plan says with");
    plan.job.dropout = false;
  }
  return plan;
}

}  // namespace galvatron
