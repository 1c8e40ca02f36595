#include "planner/cli/import_model_profile.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>

#include "planner/cli/arguments.h"
#include "planner/cli/failure.h"
#include "planner/cli/profile_files.h"
#include "planner/files/atomic_write.h"
#include "planner/import/galvatron_model.h"
#include "planner/model/model_file.h"
#include "planner/plan/hardware_yaml.h"
#include "planner/plan/model_profile_yaml.h"

namespace galvatron {
namespace {

std::vector<std::string> names_of(const std::vector<std::string>& files) {
  std::vector<std::string> names;
  for (const std::string& file : files) {
    names.push_back(std::filesystem::path(file).filename().string());
  }
  return names;
}

// computation_profiling_bf16_llama-7b.json
Precision precision_of(const ModelProfileImport& what) {
  if (!what.precision.empty()) {
    if (const auto precision = value_of(kPrecisionNames, what.precision)) return *precision;
    throw UsageError(
        fmt::format("--precision must be fp32, tf32, bf16, fp16 or fp8, got {}", what.precision));
  }
  for (const auto& [precision, name] : kPrecisionNames) {
    const std::string word = fmt::format("_{}_", name);
    if (names_of(what.files).front().find(word) != std::string::npos) return precision;
  }
  throw UsageError(
      fmt::format("{} does not say in its name which precision it is of", what.files.front()),
      "give it with --precision");
}

Model model_of(const ModelProfileImport& what) {
  if (what.model.empty()) {
    throw UsageError(what.files.front() + " is of a model: it needs --model",
                     "its types of layers have numbers only");
  }
  const Model model = read_model(what.model).model;
  return what.sequence ? with_sequence(model, *what.sequence) : model;
}

std::string device_of(const ModelProfileImport& what) {
  if (what.hardware.empty()) return "";
  return read_hardware(find_hardware_profile(what.hardware)).device.name;
}

}  // namespace

void import_model_profile(const ModelProfileImport& what) {
  const GalvatronModelTarget target{
      .model = model_of(what),
      .precision = precision_of(what),
      .device = device_of(what),
      .origin = fmt::format("measured: Hetu-Galvatron's profiler ({}); backward twice forward",
                            fmt::join(names_of(what.files), ", "))};
  std::vector<Source> sources;
  for (const std::string& file : what.files) sources.push_back(read_source(file, kPlanLimit));
  const ImportedModelProfile imported = read_galvatron_model_profile(std::move(sources), target);
  for (const std::string& note : imported.notes) fmt::print(stderr, "{}\n", note);
  write_atomically(what.output, model_profile_yaml(imported.profile));
}

}  // namespace galvatron
