#include "executor/cli/profile_model_command.h"

#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "executor/cli/named_arguments.h"
#include "executor/cli/number_checks.h"
#include "executor/profile/profile_model.h"
#include "executor/profile/provenance.h"
#include "executor/train/freed_memory.h"
#include "executor/train/progress_bar.h"
#include "planner/files/atomic_write.h"
#include "planner/model/model_file.h"
#include "planner/plan/model_profile_yaml.h"

namespace galvatron {
namespace {

constexpr const char* kDescription =
    "Example:\n"
    "  galvatron-exec profile model --model config.json -o profile.yaml\n\n"
    "Measures forward, backward and recomputation of the model's layers on one device, as one\n"
    "rank of a tensor group runs them. galvatron plan --profile plans with it.";

Model sized_model(const ProfileModelArguments& arguments) {
  ModelReading reading = read_model(arguments.model);
  for (const Diagnostic& warning : reading.warnings) fmt::print(stderr, "{}\n", to_text(warning));
  if (!arguments.sequence) return reading.model;
  const std::int64_t most = most_positions(reading.model);
  if (*arguments.sequence > most ||
      (has_fixed_length(reading.model) && *arguments.sequence != most)) {
    throw ExecutorError(
        ExitCode::usage,
        fmt::format("--sequence must be {}{}, got {}",
                    has_fixed_length(reading.model) ? "" : "at most ", most, *arguments.sequence));
  }
  reading.model.sequence_length = *arguments.sequence;
  return reading.model;
}

template <typename T>
std::vector<T> ascending(std::vector<T> values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

ModelProfileRequest request_of(const ProfileModelArguments& arguments) {
  ModelProfileRequest request{
      .model = sized_model(arguments),
      .tensor_degrees = ascending(arguments.tensor),
      .micro_batches = ascending(arguments.micro_batch),
      .precision = precision_argument(arguments.precision),
      .dropout = arguments.no_dropout ? Dropout::none : Dropout::as_configured,
      .budget = Seconds{arguments.seconds_per_point},
      .device = open_device({.kind = device_argument(arguments.device)}),
      .origin = measured_by(
          fmt::format("galvatron-exec profile model --model {} --device {} --precision {}",
                      arguments.model, arguments.device, arguments.precision))};
  if (request.tensor_degrees.empty()) request.tensor_degrees = usual_tensor_degrees(request.model);
  return request;
}

// The bar does not know the number of points before the first is done.
class PointBar {
 public:
  void show(std::int64_t done, std::int64_t all, Seconds last) {
    if (!bar_) bar_.emplace(all);
    bar_->show(done, last);
  }
  void clear() {
    if (bar_) bar_->clear();
  }

 private:
  std::optional<ProgressBar> bar_;
};

void measure(const ProfileModelArguments& arguments) {
  require_writable(arguments.output);
  at::set_num_threads(1);  // as a rank of a run on CPUs
  keep_freed_memory();
  PointBar bar;
  ProfileControl control{.progress = {}, .warn = [&](const std::string& warning) {
                           bar.clear();
                           fmt::print(stderr, "warning: {}\n", warning);
                         }};
  if (arguments.shows_progress) {
    control.progress = [&](std::int64_t done, std::int64_t all, Seconds last) {
      bar.show(done, all, last);
    };
  }
  const ModelProfile profile = profile_model(request_of(arguments), control);
  bar.clear();
  write_atomically(arguments.output, model_profile_yaml(profile));
}

}  // namespace

CLI::App* add_profile_model_command(CLI::App& app, ProfileModelArguments& arguments) {
  CLI::App* command = app.add_subcommand("model", kDescription);
  command->add_option("--model", arguments.model, "Hugging Face config.json or model YAML")
      ->required();
  command
      ->add_option("--tensor", arguments.tensor,
                   "tensor degrees; default: those of 1,2,4,8 that divide the heads")
      ->delimiter(',')
      ->check(CLI::Range(1, 1 << 10));
  command->add_option("--micro-batch", arguments.micro_batch, "samples of a tensor group")
      ->delimiter(',')
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 20))
      ->capture_default_str();
  command->add_option("--sequence", arguments.sequence, "tokens per sample")->check(above_zero());
  command->add_option("--device", arguments.device, "cpu or cuda")->capture_default_str();
  command->add_option("--precision", arguments.precision, "fp32 or bf16")->capture_default_str();
  command->add_flag("--no-dropout", arguments.no_dropout, "without the model's dropout");
  command
      ->add_option("--seconds-per-point", arguments.seconds_per_point,
                   "repeat each degree and batch for so long")
      ->check(CLI::Range(0.01, 60.0))
      ->capture_default_str();
  command->add_option("-o,--output", arguments.output, "the profile")->required();
  command->add_flag_callback(
      "--json", [&] { arguments.form = OutputForm::json; }, "print errors as JSON");
  return command;
}

int run_profile_model(const ProfileModelArguments& arguments) {
  try {
    measure(arguments);
  } catch (...) {
    return static_cast<int>(report_current_error({.form = arguments.form}));
  }
  return static_cast<int>(ExitCode::success);
}

}  // namespace galvatron
