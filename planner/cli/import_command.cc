#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "planner/cli/command.h"
#include "planner/cli/import_model_profile.h"
#include "planner/cli/import_strategy.h"
#include "planner/cli/plan_json.h"
#include "planner/cli/profile_files.h"
#include "planner/cli/validators.h"
#include "planner/files/atomic_write.h"
#include "planner/import/galvatron_bandwidths.h"
#include "planner/import/galvatron_model.h"
#include "planner/import/nccl_tests.h"
#include "planner/import/topology.h"
#include "planner/plan/hardware_yaml.h"

namespace galvatron {
namespace {

enum class Format { nccl_tests, topo, galvatron };

inline constexpr NamedValues<Format, 3> kFormatNames{
    {{Format::nccl_tests, "nccl-tests"}, {Format::topo, "topo"}, {Format::galvatron, "galvatron"}}};

struct ImportArguments {
  std::string format;
  std::vector<std::string> files;
  std::string hardware;
  std::string model;
  std::string precision;
  std::optional<std::int64_t> sequence;
  std::string output;
};

std::string origin_of(const std::string& what, const std::vector<std::string>& files) {
  std::vector<std::string> names;
  for (const std::string& file : files) {
    names.push_back(std::filesystem::path(file).filename().string());
  }
  return fmt::format("measured: {} ({})", what, fmt::join(names, ", "));
}

// Without a profile to start from all ranks of a run that lists no devices are of one node.
NcclTestsRun placed(const NcclTestsRun& listed, const Hardware& hardware, const std::string& file) {
  const NcclTestsRun run =
      on_nodes_of(listed, hardware.name.empty() ? listed.ranks : hardware.devices_per_node);
  if (listed.nodes == 0) {
    fmt::print(stderr, "{}: lists no devices: by its rates they are {}, taken for {} node{}\n",
               file, run.ranks, run.nodes, run.nodes == 1 ? "" : "s");
  }
  return run;
}

// Tables for the groups that were measured, links for all others.
Hardware from_nccl_tests(Hardware hardware, const std::vector<std::string>& files) {
  std::vector<CollectiveSample> samples;
  for (const std::string& file : files) {
    for (const NcclTestsRun& listed : read_nccl_tests(file)) {
      const NcclTestsRun run = placed(listed, hardware, file);
      if (hardware.device.name.empty()) hardware.device.name = run.device;
      hardware.nodes = std::max(hardware.nodes, run.nodes);
      hardware.devices_per_node = std::max(run.ranks_per_node, hardware.devices_per_node);
      samples.insert(samples.end(), run.samples.begin(), run.samples.end());
    }
  }
  const std::string origin = origin_of("nccl-tests", files);
  return with_measured_tables(with_measured_links(std::move(hardware), samples, origin), samples,
                              origin);
}

// Of NVLink in one direction: a matrix counts links, their rate is the device's generation.
double gb_per_s_per_link(const Hardware& hardware) {
  const auto is_one_of = [&](std::initializer_list<const char*> names) {
    return std::any_of(names.begin(), names.end(), [&](const char* name) {
      return hardware.device.name.find(name) != std::string::npos;
    });
  };
  if (is_one_of({"B100", "B200", "B300"})) return 50;
  return is_one_of({"P100"}) ? 20 : 25;
}

Hardware from_topology(Hardware hardware, const std::vector<std::string>& files) {
  if (files.size() != 1) throw UsageError("import topo takes one file: the nodes are alike");
  const Topology topology = read_topology(files.front());
  hardware.devices_per_node = static_cast<int>(topology.devices.size());
  const int links = links_per_device(topology);
  Link& link = hardware.intra_node;
  const std::string origin = origin_of("nvidia-smi topo -m", files);
  if (links > 0) {
    const double rate = gb_per_s_per_link(hardware);
    link.rate_per_device = BytesPerSecond{links * rate * 1e9};
    link.origin = fmt::format("{}: {} NVLinks of {} GB/s per device", origin, links, rate);
  } else {
    fmt::print(stderr,
               "{}: no ring of NVLinks passes through all devices, and the matrix does not say how "
               "fast PCIe is; the links of {} "
               "stay: measure them with nccl-tests\n",
               files.front(), hardware.name);
  }
  if (topology.networks > 0) {
    fmt::print(stderr,
               "{}: {} network cards, whose rate the matrix does not say: give it with --set "
               "inter_node.gb_per_s_per_node=...\n",
               files.front(), topology.networks);
  }
  return hardware;
}

Hardware from_galvatron(Hardware hardware, const std::vector<std::string>& files) {
  GalvatronBandwidths bandwidths;
  for (const std::string& file : files) {
    bandwidths = joined(std::move(bandwidths), read_galvatron_bandwidths(file));
  }
  return with_bandwidths(std::move(hardware), bandwidths,
                         origin_of("Hetu-Galvatron's profiler", files));
}

Hardware imported(Format format, Hardware hardware, const std::vector<std::string>& files) {
  switch (format) {
    case Format::nccl_tests:
      return from_nccl_tests(std::move(hardware), files);
    case Format::topo:
      return from_topology(std::move(hardware), files);
    case Format::galvatron:
      return from_galvatron(std::move(hardware), files);
  }
  return hardware;
}

// Whether the files are a strategy or a plan, which become each other.
bool passes_a_strategy(const ImportArguments& arguments) {
  if (arguments.format != name_of(kFormatNames, Format::galvatron)) return false;
  const std::string& file = arguments.files.front();
  const bool exports = file.ends_with(".yaml") && arguments.output.ends_with(".json");
  if (!exports && !is_galvatron_strategy(file)) return false;
  if (arguments.files.size() != 1) throw UsageError("a strategy or a plan is imported alone");
  if (exports) {
    export_strategy(file, arguments.output);
  } else {
    import_strategy({file, arguments.model, arguments.hardware, arguments.output});
  }
  return true;
}

// Whether the files are of a model and become a model profile.
bool passes_a_model_profile(const ImportArguments& arguments) {
  const bool are_of_a_model = arguments.format == name_of(kFormatNames, Format::galvatron) &&
                              is_galvatron_model_profile(arguments.files.front());
  if (are_of_a_model) {
    import_model_profile({.files = arguments.files,
                          .model = arguments.model,
                          .hardware = arguments.hardware,
                          .precision = arguments.precision,
                          .sequence = arguments.sequence,
                          .output = arguments.output});
  } else if (arguments.sequence || !arguments.precision.empty()) {
    throw UsageError("--sequence and --precision are for Hetu-Galvatron's profiles of a model");
  }
  return are_of_a_model;
}

ExitCode run_import(const ImportArguments& arguments, const Session& session) {
  if (passes_a_model_profile(arguments) || passes_a_strategy(arguments)) return ExitCode::ok;
  Hardware hardware = arguments.hardware.empty()
                          ? Hardware{}
                          : read_hardware(find_hardware_profile(arguments.hardware));
  const Format format = *value_of(kFormatNames, arguments.format);
  hardware = imported(format, std::move(hardware), arguments.files);
  hardware.name = std::filesystem::path(arguments.output).stem().string();
  const std::vector<std::string> missing = missing_keys(hardware);
  if (!missing.empty()) {
    fmt::print(stderr, "{} still lacks {}: add it, or start from a profile with --hardware\n",
               arguments.output, fmt::join(missing, ", "));
  }
  YamlWriter out;
  write_hardware(out, hardware);
  write_atomically(arguments.output, out.text());
  if (session.form == OutputForm::json) {
    const Json json{{"hardware", hardware.name}, {"file", arguments.output}, {"missing", missing}};
    fmt::print("{}\n", json.dump(2));
  }
  return ExitCode::ok;
}

}  // namespace

Command add_import_command(CLI::App& app) {
  CLI::App& command = add_subcommand(
      app, {"import", "Make a profile, or a plan, of what other programs measured or found.",
            "galvatron import nccl-tests all_reduce_perf.txt --hardware a100_80gb_sxm -o "
            "cluster.yaml"});
  const auto arguments = std::make_shared<ImportArguments>();
  std::vector<std::string> formats;
  for (const auto& entry : kFormatNames) formats.emplace_back(entry.second);
  command
      .add_option("format", arguments->format, "nccl-tests, topo (nvidia-smi topo -m) or galvatron")
      ->required()
      ->check(CLI::IsMember(formats));
  command.add_option("files", arguments->files, "what they printed or wrote")->required();
  command.add_option("--hardware", arguments->hardware,
                     "profile of the same device, by name or file: what the files do not tell is "
                     "as there");
  command.add_option("--model", arguments->model,
                     "of a strategy of Hetu-Galvatron, which becomes a plan, or of its profiles of "
                     "computation and memory, which become a model profile");
  command.add_option("--precision", arguments->precision,
                     "of a model's profile; default: as the file is named");
  command.add_option("--sequence", arguments->sequence, "tokens per sample of a model's profile");
  command
      .add_option("-o,--output", arguments->output,
                  "the profile to write; a plan where a strategy came in, and the other way round")
      ->required()
      ->check(writable_file());
  return {&command,
          [arguments](const Session& session) { return run_import(*arguments, session); }};
}

}  // namespace galvatron
