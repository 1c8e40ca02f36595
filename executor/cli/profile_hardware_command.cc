#include "executor/cli/profile_hardware_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <optional>

#include "executor/cli/named_arguments.h"
#include "executor/launch/local_launch.h"
#include "executor/profile/profile_hardware.h"
#include "executor/profile/provenance.h"
#include "executor/train/progress_bar.h"
#include "executor/train/rank_program.h"
#include "planner/files/atomic_write.h"
#include "planner/files/quantity.h"
#include "planner/plan/hardware_yaml.h"

namespace galvatron {
namespace {

constexpr const char* kDescription =
    "Example:\n"
    "  galvatron-exec profile hardware --local 4 -o hardware.yaml\n"
    "  mpirun -n 16 galvatron-exec profile hardware -o hardware.yaml\n\n"
    "Measures what the devices compute and what collectives over every kind of group take, in a\n"
    "few minutes. A run that was interrupted goes on from OUTPUT.partial.";

constexpr std::int64_t kSizeStep = 4;

OutputForm form_of(const ProfileHardwareArguments& arguments) {
  return arguments.json ? OutputForm::json : OutputForm::text;
}

[[noreturn]] void refuse_sizes(const std::string& text) {
  throw ExecutorError(ExitCode::usage,
                      fmt::format("--sizes must be LO:HI like 4KiB:512MiB, got {}", text));
}

// From the first size on, each four times the one before, and the second.
std::vector<Bytes> payloads_of(const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) refuse_sizes(text);
  const std::optional<Bytes> least = parse_bytes(text.substr(0, colon));
  const std::optional<Bytes> most = parse_bytes(text.substr(colon + 1));
  if (!least || !most || least->value < 4 || *most < *least) refuse_sizes(text);
  std::vector<Bytes> payloads;
  for (Bytes size = *least; size < *most; size = size * kSizeStep) payloads.push_back(size);
  payloads.push_back(*most);
  return payloads;
}

RankSetup setup_of(const ProfileHardwareArguments& arguments, const Environment& environment) {
  const DeviceKind device = device_argument(arguments.device);
  return {.form = form_of(arguments),
          .device = device,
          .transport = transport_argument(arguments.transport, device),
          .environment = environment};
}

// Of which device it is only known in a rank.
HardwareProfileRequest request_of(const ProfileHardwareArguments& arguments, at::Device device) {
  HardwareProfileRequest request{
      .name = arguments.name,
      .payloads = payloads_of(arguments.sizes),
      .precisions = product_precisions(arguments.precisions, device_argument(arguments.device)),
      .device = device,
      .origin = measured_by(fmt::format("galvatron-exec profile hardware --device {} --sizes {}",
                                        arguments.device, arguments.sizes)),
      .partial = arguments.output + ".partial"};
  request.limits.budget = Seconds{arguments.seconds_per_point};
  return request;
}

void measure(Communicator& world, Whereabouts& here, const ProfileHardwareArguments& arguments) {
  std::optional<ProgressBar> bar;
  HardwareProfileControl control;
  control.moved = [&] { here.enter(Phase::loading); };
  control.warn = [&](const std::string& warning) {
    if (bar) bar->clear();
    fmt::print(stderr, "galvatron-exec: {}\n", warning);
  };
  if (arguments.progress) {
    control.progress = [&](std::int64_t done, std::int64_t all, Seconds last) {
      if (!bar) bar.emplace(all);
      bar->show(done, last);
    };
  }
  if (world.rank() == 0) require_writable(arguments.output);
  const at::Device device = current_device(device_argument(arguments.device));
  const Hardware hardware = profile_hardware(world, request_of(arguments, device), control);
  if (world.rank() != 0) return;
  YamlWriter out;
  write_hardware(out, hardware);
  write_atomically(arguments.output, out.text());
}

// The command of one rank.
std::vector<std::string> rank_command(const std::vector<std::string>& command) {
  std::vector<std::string> rank;
  for (auto word = command.begin(); word != command.end(); ++word) {
    if (word->starts_with("--local=")) continue;
    if (*word == "--local") {
      ++word;
    } else {
      rank.push_back(*word);
    }
  }
  return rank;
}

int launch(const ProfileHardwareArguments& arguments, const std::vector<std::string>& command,
           const Environment& environment) {
  // Refuses wrong arguments once, not once per rank.
  setup_of(arguments, environment);
  request_of(arguments, at::kCPU);
  std::vector<std::string> rank = rank_command(command);
  if (arguments.progress) rank.emplace_back("--progress");
  return launch_locally({.ranks = arguments.local,
                         .command = rank,
                         .report =
                             [&arguments](ExitCode code, const std::string& message) {
                               report_error(code, message, form_of(arguments));
                             }},
                        environment);
}

}  // namespace

CLI::App* add_profile_hardware_command(CLI::App& app, ProfileHardwareArguments& arguments) {
  CLI::App* command = app.add_subcommand("hardware", kDescription);
  command->add_option("--local", arguments.local, "start so many ranks on this machine")
      ->check(CLI::Range(1, 1 << 10));
  command->add_option("--name", arguments.name, "of the profile")->capture_default_str();
  command->add_option("--sizes", arguments.sizes, "of collectives, in steps of four: LO:HI")
      ->capture_default_str();
  command->add_option("--device", arguments.device, "cpu or cuda")->capture_default_str();
  command->add_option("--transport", arguments.transport,
                      "mpi, or nccl between GPUs: the default there");
  command
      ->add_option("--precision", arguments.precisions,
                   "of products; default: fp32, on a GPU bf16,fp16,tf32,fp32")
      ->delimiter(',');
  command
      ->add_option("--seconds-per-point", arguments.seconds_per_point,
                   "repeat each collective and size for so long")
      ->check(CLI::Range(0.001, 60.0))
      ->capture_default_str();
  command->add_option("-o,--output", arguments.output, "the profile")->required();
  command->add_flag("--json", arguments.json, "print errors as JSON");
  command->add_flag("--progress", arguments.progress,
                    "a line on standard error that says how far the measurement is; on a terminal "
                    "it is there anyway");
  return command;
}

int run_profile_hardware(const ProfileHardwareArguments& arguments,
                         const std::vector<std::string>& command, const Environment& environment) {
  RankSetup setup{.form = form_of(arguments)};
  try {
    if (arguments.local > 0) return launch(arguments, command, environment);
    setup = setup_of(arguments, environment);
  } catch (...) {
    return static_cast<int>(report_current_error({.form = form_of(arguments)}));
  }
  return run_as_rank(
      [&](Communicator& world, Whereabouts& here) { measure(world, here, arguments); }, setup);
}

}  // namespace galvatron
