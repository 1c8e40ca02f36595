#include "planner/cli/arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "planner/cli/failure.h"
#include "planner/cli/profile_files.h"
#include "planner/cli/validators.h"
#include "planner/files/quantity.h"
#include "planner/model/model_file.h"
#include "planner/plan/hardware_yaml.h"
#include "planner/plan/model_profile_yaml.h"
#include "planner/plan/runtime_yaml.h"

namespace galvatron {
namespace {

Bytes bytes_argument(const std::string& name, const std::string& text) {
  const std::optional<Bytes> size = parse_bytes(text);
  if (!size) throw UsageError(fmt::format("{} must be a size like 16GiB, got {}", name, text));
  return *size;
}

Hardware effective_hardware(const InputArguments& arguments, Hardware hardware) {
  if (arguments.nodes) hardware.nodes = *arguments.nodes;
  if (arguments.devices_per_node) hardware.devices_per_node = *arguments.devices_per_node;
  for (const std::string& assignment : arguments.set) {
    const std::size_t equals = assignment.find('=');
    if (equals == std::string::npos) {
      throw UsageError("--set must be KEY=VALUE, got " + assignment);
    }
    try {
      hardware =
          set_hardware_key(hardware, assignment.substr(0, equals), assignment.substr(equals + 1));
    } catch (const std::invalid_argument& error) {
      throw UsageError(std::string("--set ") + error.what());
    }
  }
  if (const std::vector<std::string> missing = missing_keys(hardware); !missing.empty()) {
    throw UsageError(fmt::format("{} lacks what {} nodes need: {}", hardware.name, hardware.nodes,
                                 fmt::join(missing, ", ")),
                     "add it to the profile or give it with --set KEY=VALUE");
  }
  return hardware;
}

// bf16 where the device has it, else fp32.
Precision job_precision(const InputArguments& arguments, const Hardware& hardware) {
  if (arguments.precision.empty()) {
    return computes_in(hardware, Precision::bf16) ? Precision::bf16 : Precision::fp32;
  }
  const std::optional<Precision> precision = value_of(kPrecisionNames, arguments.precision);
  const bool is_executed = precision == Precision::fp32 || precision == Precision::bf16;
  const bool is_priced = precision == Precision::fp16 || precision == Precision::fp8;
  if (arguments.precisions == InputArguments::Precisions::priced) {
    if (!is_executed && !is_priced) {
      throw UsageError("--precision must be fp32, bf16, fp16 or fp8, got " + arguments.precision);
    }
  } else if (!is_executed) {
    throw UsageError("--precision must be fp32 or bf16, got " + arguments.precision,
                     is_priced ? "galvatron estimate prices fp16 and fp8" : "");
  }
  if (!computes_in(hardware, *precision)) {
    throw UsageError(fmt::format("{} has no rate for {}", hardware.name, arguments.precision),
                     "add device.peak_tflops and device.product to the profile");
  }
  return *precision;
}

// Our own executor keeps in fp16 and fp8, which are priced only, what it keeps in bf16.
Runtime runtime_in(Runtime runtime, Precision precision) {
  const bool is_priced_only = precision == Precision::fp16 || precision == Precision::fp8;
  if (is_priced_only && runs_rank_program(runtime) && !runtime.states[precision]) {
    runtime.states[precision] = runtime.states[Precision::bf16];
    runtime.update[precision] = runtime.update[Precision::bf16];
  }
  if (runtime.states[precision]) return runtime;
  std::vector<std::string_view> known;
  for (const auto& [format, name] : kPrecisionNames) {
    if (runtime.states[format]) known.push_back(name);
  }
  throw UsageError(fmt::format("runtime {} trains in {}, not in {}", runtime.name,
                               fmt::join(known, ", "), name_of(kPrecisionNames, precision)),
                   "choose another --precision or --runtime");
}

// Of the layers as our own executor runs them.
ModelProfile model_profile(const InputArguments& arguments, const PlanningInputs& inputs) {
  if (!runs_rank_program(inputs.inputs.runtime)) {
    throw UsageError(
        fmt::format("--profile was measured with the layers of galvatron-exec, "
                    "runtime {} runs others",
                    inputs.inputs.runtime.name));
  }
  return read_model_profile(arguments.profile, {.graph = build_layer_graph(inputs.model),
                                                .precision = inputs.job.precision,
                                                .dropout = inputs.job.dropout});
}

}  // namespace

Model with_sequence(Model model, std::int64_t sequence) {
  const std::int64_t most = most_positions(model);
  if (sequence < 1 || sequence > most) {
    throw UsageError(fmt::format("--sequence must be from 1 to {} (the model's positions), got {}",
                                 most, sequence));
  }
  if (has_fixed_length(model) && sequence != most) {
    throw UsageError(
        fmt::format("--sequence must be {}, the tokens of an image, got {}", most, sequence));
  }
  model.sequence_length = sequence;
  return model;
}

void add_model_options(CLI::App& command, InputArguments& arguments) {
  command.add_option("--model", arguments.model, "Hugging Face config.json or model YAML")
      ->required();
  command.add_option("--hardware", arguments.hardware, "hardware profile, by name or file")
      ->required();
  command.add_option("--runtime", arguments.runtime, "how it is executed, by name or file")
      ->capture_default_str();
  command.add_option("--profile", arguments.profile,
                     "measured layers of the model, by galvatron-exec profile model");
  command.add_option("--devices-per-node", arguments.devices_per_node, "instead of the profile's")
      ->check(CLI::Range(1, 1 << 10));
  command.add_option("--set", arguments.set, "override a key of the profile: KEY=VALUE")
      ->take_all();
  command.add_option("--memory-reserve", arguments.memory_reserve, "kept free on every device");
  command.add_option("--sequence", arguments.sequence, "tokens per sample");
  command.add_option("--precision", arguments.precision,
                     arguments.precisions == InputArguments::Precisions::priced
                         ? "fp32, bf16, fp16 or fp8"
                         : "fp32 or bf16");
  command.add_option("--clip-grad-norm", arguments.clip_grad_norm, "clip gradients to this norm")
      ->check(positive_number());
  command.add_flag("--no-dropout", arguments.no_dropout, "train without the model's dropout");
}

void add_input_options(CLI::App& command, InputArguments& arguments) {
  add_model_options(command, arguments);
  command.add_option("--global-batch", arguments.global_batch, "samples per step: B or LO:HI:STEP")
      ->required();
  command.add_option("--nodes", arguments.nodes, "instead of the profile's")
      ->check(CLI::Range(1, kMostNodes));
  command.add_option("--memory-budget", arguments.memory_budget,
                     "per device, like 16GiB; default: all of it");
}

PlanningInputs read_inputs(const InputArguments& arguments) {
  PlanningInputs inputs;
  inputs.global_batches = parse_range("--global-batch", arguments.global_batch);
  ModelReading model = read_model(arguments.model);
  inputs.model = model.model;
  for (const Diagnostic& warning : model.warnings) inputs.warnings.push_back(to_text(warning));
  if (arguments.sequence) inputs.model = with_sequence(inputs.model, *arguments.sequence);
  const std::string hardware_path = find_hardware_profile(arguments.hardware);
  inputs.inputs.hardware = effective_hardware(arguments, read_hardware(hardware_path));
  inputs.inputs.runtime = read_runtime(find_runtime(arguments.runtime, hardware_path));
  const Hardware& hardware = inputs.inputs.hardware;
  inputs.inputs.memory_budget = arguments.memory_budget.empty()
                                    ? hardware.device.memory
                                    : bytes_argument("--memory-budget", arguments.memory_budget);
  if (!arguments.memory_reserve.empty()) {
    inputs.inputs.memory_reserve = bytes_argument("--memory-reserve", arguments.memory_reserve);
  }
  inputs.job = {.global_batch = inputs.global_batches.front(),
                .precision = job_precision(arguments, hardware),
                .clip_grad_norm = arguments.clip_grad_norm,
                .dropout = !arguments.no_dropout};
  inputs.inputs.runtime = runtime_in(inputs.inputs.runtime, inputs.job.precision);
  if (!arguments.profile.empty()) inputs.inputs.profile = model_profile(arguments, inputs);
  return inputs;
}

AxisRestriction parse_restriction(const std::string& name, const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals + 1 == text.size()) {
    throw UsageError(fmt::format("{} must be AXIS=V[,V...], got {}", name, text));
  }
  return {.axis = text.substr(0, equals), .values = split_at(text.substr(equals + 1), ',')};
}

}  // namespace galvatron
